package dev.postern.emulated.mischief;

/** What any virtio device can do wrong. */
public sealed interface DeviceMischief extends Mischief
        permits CapabilityOutsideBar,
                CyclicCapabilities,
                DiskMischief,
                HangAt,
                HugeBar,
                JumpUsedIndexAt,
                NeedsResetAt,
                NeverFinishReset,
                RefuseFeaturesOk,
                StallAfter,
                TamperUsedId,
                TamperUsedLength {}
