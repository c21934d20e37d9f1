package dev.postern.quirks.decision;

/** B2: the device tree gives the device one pool, and the platform keeps it from the rest. */
final class RestrictedPoolBounce extends Rule {

    RestrictedPoolBounce() {
        super(
                "B2",
                "the device tree restricts the device to a pool: Bounced",
                "DESIGN two questions; reference row 27",
                "Linux bounces and takes coherent memory from it too (of_dma_set_restricted_buffer in"
                        + " drivers/of/device.c)",
                SourceLine.here(),
                Ladder.REACH);
    }

    @Override
    String evidence(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().toString();
    }

    @Override
    Finding examine(DeviceFacts device, PlatformFacts platform) {
        return platform.reach().value() instanceof MemoryReach.RestrictedPool
                ? new Finding.Reached(evidenceOn(device, platform), Finding.Wrapping.BOUNCED)
                : new Finding.NotMatched(evidenceOn(device, platform));
    }
}
