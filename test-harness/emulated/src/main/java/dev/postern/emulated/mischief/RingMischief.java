package dev.postern.emulated.mischief;

/** What a device can do wrong with the used buffers of a queue when it meets a request, in either format unless the act says more. */
public sealed interface RingMischief extends DeviceMischief
        permits ChangeUsedAfter,
                MiscountBatch,
                MisplaceUsed,
                NameBeyondBatch,
                NameFirstOfBatch,
                NameFreeId,
                OverstateUsedLength,
                RepeatUsed,
                ReuseUsedId,
                RewriteDescriptors,
                RewriteIndirectTable,
                ShiftUsedId,
                TamperUsedId,
                TamperUsedLength,
                WrongWrapCounter {

    /** The number of the request, from 1. */
    long request();
}
