package dev.postern.lab;

import dev.postern.boot.Boot;
import dev.postern.boot.BootEvent;
import dev.postern.boot.BootException;
import dev.postern.boot.BootOptions;
import dev.postern.boot.BootedGuest;
import dev.postern.boot.ForcedPlan;
import dev.postern.boot.GuestMemory;
import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaContexts;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.debug.DmaLedger;
import dev.postern.dma.debug.StackCapture;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import dev.postern.platform.SharedMemory;
import dev.postern.virtio.DeviceDeadException;
import dev.postern.virtio.FeatureSet;
import dev.postern.virtio.blk.BlkDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A guest booted on a machine under watch. Closing it shuts the guest down and then asserts what every run must leave behind:
 * no memory taken, a clean ledger, and no rule broken that the machine watches. On a secure platform it asserts too that devices
 * could reach rings, pool and mailboxes alone, that no canary came within their reach, and that nothing stays shared.
 *
 * <p>It owns the machine. <b>Threads:</b> the guest's.
 */
public final class Trial implements AutoCloseable {

    private static final int PAGE = 4096;

    private final LabMachine machine;
    private final DmaLedger ledger;
    private final BootedGuest guest;
    private final GuestMemory memory;
    private final FrameAllocator frames;
    private final List<PhysRange> rings;
    private final SharedPagesCheck sharedPages;
    private final long freeBefore;
    private final boolean secure;
    private final Canary canary = new Canary(Seed.value());
    private final List<DmaContext> opened = new ArrayList<>();
    private int forgiven;
    private boolean ended;

    private Trial(LabMachine machine, DmaLedger ledger, BootedGuest guest, Watch watch, List<PhysRange> rings) {
        this.machine = machine;
        this.ledger = ledger;
        this.guest = guest;
        memory = guest.memory();
        frames = guest.frames();
        this.rings = rings;
        sharedPages = new SharedPagesCheck(machine, guest, rings);
        freeBefore = watch.ownedBeforeDevices;
        secure = guest.platform().secure();
        if (secure) {
            machine.watch(canary.needle());
        }
    }

    /** Boots a guest with these devices; a test is skipped where the machine is not here, or has nothing like one of them. */
    public static Trial boot(Setting setting, LabDevice... devices) throws BootException {
        return boot(setting, UnaryOperator.identity(), devices);
    }

    /** Boots a guest with these devices, whose drivers do not accept some features. */
    public static Trial boot(Setting setting, FeatureSet withheld, LabDevice... devices) throws BootException {
        return boot(setting, options -> options.withWithheld(withheld), devices);
    }

    /** Boots a guest with these devices, other than by default. */
    public static Trial boot(Setting setting, UnaryOperator<BootOptions> adjusted, LabDevice... devices)
            throws BootException {
        Peers.require(setting.machine());
        Peers.requireDevices(setting.machine(), List.of(devices));
        return boot(setting, adjusted, LabMachine.open(setting.machine(), setting.platform(), List.of(devices)));
    }

    /** Boots a guest on a machine that is open; the machine is closed when that fails. */
    public static Trial boot(Setting setting, LabMachine machine) throws BootException {
        return boot(setting, UnaryOperator.identity(), machine);
    }

    /** Boots a guest on a machine that is open, with rules for what devices behind a pool say; the machine is closed when that fails. */
    public static Trial boot(Setting setting, BounceRules rules, LabMachine machine) throws BootException {
        return boot(setting, UnaryOperator.identity(), rules, machine);
    }

    /** Boots a guest on a machine that is open, other than by default; the machine is closed when that fails. */
    public static Trial boot(Setting setting, UnaryOperator<BootOptions> adjusted, LabMachine machine)
            throws BootException {
        return boot(setting, adjusted, BounceRules.CAUTIOUS, machine);
    }

    private static Trial boot(
            Setting setting, UnaryOperator<BootOptions> adjusted, BounceRules rules, LabMachine machine)
            throws BootException {
        DmaLedger ledger = new DmaLedger(StackCapture.ON);
        List<PhysRange> rings = new ArrayList<>();
        BootOptions options = BootOptions.defaults()
                .withInterrupts(setting.interrupts())
                .withContexts(opener(setting.contexts(), rules, ledger, rings));
        if (setting.contexts() == ContextKind.BOUNCED) {
            options = options.withForced(ForcedPlan.BOUNCED);
        }
        Watch watch = new Watch();
        try {
            BootedGuest guest = Boot.start(machine.machine(), adjusted.apply(options), watch::see);
            return new Trial(machine, ledger, guest, watch, rings);
        } catch (BootException | RuntimeException e) {
            machine.close();
            throw e;
        }
    }

    private static BootOptions.ContextOpener opener(
            ContextKind kind, BounceRules rules, DmaLedger ledger, List<PhysRange> rings) {
        return switch (kind) {
            case AUDITED, BOUNCED ->
                (plan, memory, constraints, _, device) ->
                        ledger.audit(new RingWatch(DmaContexts.open(plan, memory, constraints, rules, device), rings));
            case UNWATCHED ->
                (plan, memory, constraints, _, device) ->
                        new RingWatch(DmaContexts.open(plan, memory, constraints, rules, device), rings);
            // Each device draws its own places, so that a mixed-up address cannot be right by chance.
            case HOSTILE ->
                (plan, memory, constraints, _, device) ->
                        DmaContexts.hostile(Seed.value() ^ device.hashCode(), memory.frames(), constraints, device);
        };
    }

    /** The machine. */
    public LabMachine machine() {
        return machine;
    }

    /** The guest. */
    public BootedGuest guest() {
        return guest;
    }

    /** The book that is kept of every mapping, except where nobody watches or contexts are hostile. */
    public DmaLedger ledger() {
        return ledger;
    }

    /**
     * Opens a context for a driver under test, under the ledger: it bounces where devices do not reach all of RAM. It is closed with
     * the trial, or by the caller before.
     *
     * @param device what messages call the device, such as {@code nic0}
     */
    public DmaContext openContext(String device) {
        DmaPlan direct = new DmaPlan.Direct(0);
        DmaContext context = memory.pool().isPresent()
                ? DmaContexts.open(
                        new DmaPlan.Bounced(direct),
                        new DmaMemory(frames, memory.shared(), memory.pool()),
                        DmaConstraints.NONE,
                        device)
                : DmaContexts.open(direct, DmaMemory.plain(frames), DmaConstraints.NONE, device);
        DmaContext audited = ledger.audit(new RingWatch(context, rings));
        opened.add(audited);
        return audited;
    }

    /** The guest's bounce pool; there is one where the setting bounces. */
    public BouncePool pool() {
        return memory.pool().orElseThrow();
    }

    /** What the guest shares with devices; on a secure platform. */
    public SharedMemory shared() {
        return memory.shared().orElseThrow();
    }

    /** A disk by its place among the disks, from 0. */
    public BlkDevice disk(int index) {
        return guest.disks().get(index);
    }

    /**
     * Takes a buffer for requests; it is given back by {@link #giveBack}. On a secure platform what is left of its last page holds
     * canaries.
     */
    public PhysRange buffer(long bytes) {
        PhysRange buffer = frames.allocate(bytes, FrameRequest.ANY);
        if (secure) {
            canary.plant(bytes(buffer).asSlice(bytes));
        }
        return buffer;
    }

    /** Gives a buffer back. */
    public void giveBack(PhysRange buffer) {
        frames.free(buffer);
    }

    /** What lies in a buffer. */
    public MemorySegment bytes(PhysRange buffer) {
        return frames.memory().slice(buffer.basePa(), buffer.length());
    }

    /**
     * The guest-physical address of a byte that a device reaches; on most platforms they are the same.
     *
     * @param deviceAddress of shared memory, on a secure platform
     * @throws IllegalArgumentException when no shared memory is there
     */
    public long paOf(long deviceAddress) {
        if (memory.shared().isEmpty()) {
            return deviceAddress;
        }
        SharedMemory open = memory.shared().get();
        for (PhysRange range : open.ranges()) {
            long offset = deviceAddress - open.sharing().sharedAlias(range.basePa());
            if (offset >= 0 && offset < range.length()) {
                return range.basePa() + offset;
            }
        }
        throw new IllegalArgumentException(
                "no shared memory is at 0x%x for a device: it reaches %s".formatted(deviceAddress, open.ranges()));
    }

    /** Does not hold against the guest what it did against the rules up to now: the test did it in its name. */
    public void forgiveGuestErrors() {
        forgiven = machine.guestErrors().size();
    }

    /** What is watched for on a secure platform. */
    public Canary canary() {
        return canary;
    }

    /** Where canaries came within reach of devices, one line each; secure platforms alone. */
    public List<String> leaks() {
        return machine.sightings(canary.needle());
    }

    /** What devices can reach and need not, one line each. */
    public List<String> overshared() {
        return sharedPages.problems();
    }

    /**
     * Shuts the guest down without looking at what it leaves behind, for tests whose device is beyond help. Nothing happens when the
     * trial has ended.
     */
    public void abandon() {
        if (ended) {
            return;
        }
        ended = true;
        try (machine) {
            guest.close();
        } catch (DeviceDeadException e) {
            // The test knows: that is why it abandons the trial.
            return;
        }
    }

    /**
     * Shuts the guest down and looks at what it leaves behind. Of several findings the first is thrown, with the others as suppressed
     * exceptions. Nothing happens when the trial has ended.
     *
     * @throws DeviceDeadException when a device did not come out of reset
     * @throws dev.postern.dma.DmaMisuseException when the ledger is not clean
     * @throws AssertionError when anything else is not as it should be
     */
    @Override
    public void close() throws DeviceDeadException {
        if (ended) {
            return;
        }
        ended = true;
        Findings findings = new Findings();
        try (machine) {
            if (secure) {
                findings.expectNone("what devices reach", this::overshared);
                findings.look(this::expectNothingSeen);
            }
            Findings trouble = new Findings();
            opened.forEach(context -> trouble.look(context::close));
            trouble.look(guest::close);
            // What the ledger says of a mapping that is left says more than the context that cannot be closed for it.
            findings.look(ledger::assertClean);
            findings.addAll(trouble);
            findings.expectNone("the guest broke rules", this::guestErrors);
            findings.look(this::expectMemoryBack);
            if (secure) {
                findings.expectNone("still shared after shutdown", machine::sharedPages);
            }
        }
        findings.report();
    }

    private List<String> guestErrors() {
        List<String> all = machine.guestErrors();
        return all.subList(forgiven, all.size());
    }

    private void expectNothingSeen() {
        // A page of nothing but canaries, beside those in the slack of buffers.
        PhysRange cage = buffer(PAGE);
        canary.plant(bytes(cage));
        try {
            Findings.assertNone("private bytes within reach of devices", leaks());
        } finally {
            bytes(cage).fill((byte) 0);
            giveBack(cage);
        }
    }

    private void expectMemoryBack() {
        long owned = Watch.owned(memory);
        if (owned != freeBefore) {
            throw new AssertionError(
                    "%d bytes of memory were not given back: end what Trial.buffer and the like have begun; %s"
                            .formatted(freeBefore - owned, Seed.words()));
        }
    }

    /** Remembers how much memory was free before any device was touched. */
    private static final class Watch {
        private GuestMemory memory;
        private long ownedBeforeDevices;

        void see(BootEvent event) {
            switch (event) {
                case BootEvent.MemoryReady(GuestMemory ready) -> memory = ready;
                case BootEvent.BusEnumerated _, BootEvent.ChannelsFound _ ->
                    ownedBeforeDevices = owned(memory)
                            + memory.shared()
                                    .map(SharedMemory::sharedBytes)
                                    .orElseGet(() -> memory.pool()
                                            .map(pool -> pool.statistics().sizeBytes())
                                            .orElse(0L));
                case BootEvent.PlatformDetected _, BootEvent.FirmwareRead _, BootEvent.DeviceProbed _ -> {
                    // Memory of firmware tables stays taken; devices are what is watched.
                }
            }
        }

        /** What is free, or lost to the platform for good. */
        static long owned(GuestMemory memory) {
            long free = memory.frames().freeBytes();
            if (memory.shared().isEmpty()) {
                return free;
            }
            SharedMemory shared = memory.shared().get();
            return free
                    + (shared.frames() == memory.frames() ? 0 : shared.frames().freeBytes())
                    + shared.lostBytes();
        }
    }
}
