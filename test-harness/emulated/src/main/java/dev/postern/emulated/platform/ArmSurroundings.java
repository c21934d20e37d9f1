package dev.postern.emulated.platform;

import dev.postern.emulated.SharedPages.Range;
import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.emulated.dma.DeviceReadable;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.dma.PhysicalRam;
import dev.postern.emulated.firmware.ArmHost;
import dev.postern.emulated.firmware.ArmTree;
import dev.postern.emulated.firmware.BusRange;
import java.util.List;
import java.util.Optional;

/** Surrounds a guest with an Arm machine whose memory nobody keeps from the host. */
final class ArmSurroundings {

    private ArmSurroundings() {}

    static Surroundings plain(GuestMemory memory, Journal journal, Power power) {
        return of(memory, new PhysicalRam(memory), new AllOfRam(memory), ArmHost.PLAIN, errors(journal, power));
    }

    static Surroundings pool(GuestMemory memory, Journal journal, Power power) {
        PlatformErrors errors = errors(journal, power);
        Range pool = ArmTree.pool(memory.regions());
        PoolOnly view = new PoolOnly(memory, pool, errors);
        return of(memory, view, view, ArmHost.PLAIN.pool(pool), errors);
    }

    static Surroundings ranges(GuestMemory memory, Journal journal, Power power) {
        PlatformErrors errors = errors(journal, power);
        List<BusRange> ranges = BusRanges.of(memory.regions());
        BusRanges view = new BusRanges(memory, ranges, errors);
        return of(memory, view, view, ArmHost.PLAIN.dmaRanges(ranges), errors);
    }

    static Surroundings noncoherent(GuestMemory memory, long seed, Journal journal, Power power) {
        PlatformErrors errors = errors(journal, power);
        CpuCache cache = new CpuCache(memory, seed, errors);
        ArmHost host = ArmHost.PLAIN.notSnooped();
        return new Surroundings(
                new ArmFacts(),
                new ArmActs(memory, cache, errors),
                new UnsnoopedRam(memory, cache, errors),
                // Where it can reach, not what it gets there: the bytes are those that a snooped device gets.
                new AllOfRam(memory),
                cache::settle,
                Optional.of(ports -> ArmTree.machine(memory.regions(), host, ports)),
                cache::close);
    }

    private static PlatformErrors errors(Journal journal, Power power) {
        return new PlatformErrors("arm", journal, power);
    }

    private static Surroundings of(
            GuestMemory memory, DmaView view, DeviceReadable readable, ArmHost host, PlatformErrors errors) {
        return new Surroundings(
                new ArmFacts(),
                new ArmActs(memory, Caches.UNNOTICEABLE, errors),
                view,
                readable,
                () -> {},
                Optional.of(ports -> ArmTree.machine(memory.regions(), host, ports)),
                () -> {});
    }
}
