package dev.postern.emulated.mischief;

/** What only a disk can do wrong. */
public sealed interface DiskMischief extends DeviceMischief
        permits ChangeCapacityAt, FailOperation, FailSectors, SayField, TearCapacity, WriteNothing, WrongStatus {}
