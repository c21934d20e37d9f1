package dev.postern.emulated.mischief;

/**
 * What the host of a secure guest can do wrong when a page changes hands. Page conversions are counted from 1, each page that
 * the host is asked to make shared or private; so are MapGPA calls.
 */
public sealed interface SharingMischief extends Mischief
        permits FailConversionAt, GarblePageStateAnswer, MisleadMapGpa, PretendConversionAt, RetryMapGpa {}
