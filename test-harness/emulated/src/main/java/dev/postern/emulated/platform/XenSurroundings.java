package dev.postern.emulated.platform;

import dev.postern.emulated.board.GuestMemory;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.board.Power;
import dev.postern.emulated.dma.DmaView;
import dev.postern.emulated.firmware.ArmHost;
import dev.postern.emulated.firmware.ArmTree;
import dev.postern.machine.PrivilegedActs;
import java.util.Optional;
import java.util.OptionalLong;

/** Surrounds a guest with Xen. */
final class XenSurroundings {

    private static final int PAGE = 4096;

    /** The domain of the back-ends on Arm: a driver domain, neither the first nor the guest's. */
    private static final int ARM_BACKEND = 2;

    private final GuestMemory memory;
    private final PlatformErrors errors;
    private final GrantFrames table;
    private final FrameNumbers numbers;
    private final NumberedRam withoutGrants;

    private XenSurroundings(GuestMemory memory, FrameNumbers numbers, long seed, Journal journal, Power power) {
        this.memory = memory;
        this.numbers = numbers;
        errors = new PlatformErrors("xen", journal, power);
        table = new GrantFrames(memory, seed);
        withoutGrants = new NumberedRam(memory, numbers, table, errors);
    }

    private static XenSurroundings translated(GuestMemory memory, long seed, Journal journal, Power power) {
        return new XenSurroundings(memory, new GuestFrames(memory), seed, journal, power);
    }

    private static XenSurroundings scattered(GuestMemory memory, long seed, Journal journal, Power power) {
        int frames = Math.toIntExact(memory.regions().getFirst().size() / PAGE);
        return new XenSurroundings(memory, new ScatteredFrames(frames, GrantFrames.MOST, seed), seed, journal, power);
    }

    static Surroundings hvm(GuestMemory memory, long seed, Journal journal, Power power) {
        XenSurroundings xen = translated(memory, seed, journal, power);
        return new Surroundings(
                X86Facts.xenHvm(XenDomain.GUEST),
                xen.acts(XenDomain.GUEST, new PlainActs(xen.errors)),
                xen.withoutGrants,
                new XenReach(memory, xen.table, Optional.empty()),
                () -> {},
                Optional.empty(),
                xen.table::close);
    }

    static Surroundings pv(GuestMemory memory, long seed, Journal journal, Power power) {
        XenSurroundings xen = scattered(memory, seed, journal, power);
        // Without a device tree Linux takes the first domain for the back-end's (drivers/xen/grant-dma-ops.c).
        Grants grants = new Grants(xen.table, xen.numbers, XenDomain.FIRST.id(), xen.errors);
        return xen.paravirtualised(XenDomain.GUEST, xen.granted(grants), Optional.of(grants), 0);
    }

    static Surroundings dom0(GuestMemory memory, long seed, Journal journal, Power power) {
        XenSurroundings xen = scattered(memory, seed, journal, power);
        return xen.paravirtualised(
                XenDomain.FIRST, xen.withoutGrants, Optional.empty(), StartInfo.PRIVILEGED | StartInfo.INITIAL_DOMAIN);
    }

    static Surroundings arm(GuestMemory memory, long seed, Journal journal, Power power) {
        XenSurroundings xen = translated(memory, seed, journal, power);
        Grants grants = new Grants(xen.table, xen.numbers, ARM_BACKEND, xen.errors);
        ArmHost host = ArmHost.PLAIN.grantBackend(ARM_BACKEND);
        return new Surroundings(
                new ArmFacts(),
                xen.acts(XenDomain.GUEST, new ArmActs(memory, Caches.UNNOTICEABLE, xen.errors)),
                xen.granted(grants),
                new XenReach(memory, xen.table, Optional.of(grants)),
                () -> {},
                Optional.of(ports -> ArmTree.machine(memory.regions(), host, ports)),
                xen.table::close);
    }

    private DmaView granted(Grants grants) {
        return new GrantedRam(memory, withoutGrants, table, grants, errors);
    }

    private PrivilegedActs acts(XenDomain domain, PrivilegedActs bare) {
        return new XenActs(
                new MemoryOp(memory, table, domain), new GrantTableOp(memory, table, numbers, domain), bare, errors);
    }

    private Surroundings paravirtualised(XenDomain domain, DmaView view, Optional<Grants> grants, int startFlags) {
        StartInfo.write(memory.regions().getFirst(), numbers, startFlags);
        return new Surroundings(
                X86Facts.xenPv(),
                acts(domain, new PlainActs(errors)),
                view,
                new XenReach(memory, table, grants),
                () -> {},
                Optional.empty(),
                OptionalLong.of(StartInfo.PA),
                table::close);
    }
}
