package dev.postern.emulated.mischief;

/** What only a disk can do wrong. */
public sealed interface DiskMischief extends DeviceMischief
        permits ChangeCapacityAt, FailSectors, TearCapacity, WriteNothing, WrongStatus {}
