package dev.postern.emulated.mischief;

/** What any virtio device can do wrong. */
public sealed interface DeviceMischief extends Mischief
        permits CapabilityOutsideBar,
                ChangeNumQueues,
                CyclicCapabilities,
                DiskMischief,
                GarbleNotificationWishes,
                GrowQueueSize,
                HangAt,
                HideQueueEnable,
                HugeBar,
                InterruptStorm,
                JumpUsedIndexAt,
                NeedsResetAt,
                NeverFinishQueueReset,
                NeverFinishReset,
                PickUpUnannounced,
                RefuseFeaturesOk,
                RingMischief,
                StallAfter {}
