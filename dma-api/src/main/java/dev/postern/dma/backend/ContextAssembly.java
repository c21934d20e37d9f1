package dev.postern.dma.backend;

import dev.postern.dma.BounceRules;
import dev.postern.dma.DmaConstraints;
import dev.postern.dma.DmaContext;
import dev.postern.dma.DmaMappingException;
import dev.postern.dma.DmaMemory;
import dev.postern.dma.DmaPlan;
import dev.postern.dma.PaWindow;
import dev.postern.dma.UnwrittenBytes;
import dev.postern.dma.UsedLengthTrust;
import dev.postern.dma.bounce.BouncePool;
import dev.postern.dma.bounce.PageAddresses;
import dev.postern.dma.bounce.PoolOptions;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.SharedMemory;
import dev.postern.xen.MachineFrames;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Puts the context of one device together from parts: how pages are addressed, where they come from, and who sees the caches. */
public final class ContextAssembly {

    /** The detour of a page-translated context: 64 buffers that cross a page at one time, before it grows. */
    private static final long CROSSING_BYTES = 256 << 10;

    /** The detour of a device that is not snooped. An eighth of it is the longest mapping. */
    private static final long UNALIGNED_BYTES = 512 << 10;

    /** A detour grows to this at most, */
    private static final long MOST_DETOUR_BYTES = 4 << 20;

    /** and to this part of RAM at most, unless it begins with more. */
    private static final int DETOUR_PART_OF_RAM = 16;

    /** A detour is to be unnoticed: whatever the device says, all comes back, and what it did not write is as it was. */
    private static final BounceRules UNNOTICED = new BounceRules(UsedLengthTrust.IGNORE, UnwrittenBytes.KEPT);

    private final DmaMemory memory;
    private final PhysicalMemory ram;
    private final DmaConstraints constraints;
    private final BounceRules rules;
    private final String device;

    /**
     * For one device.
     *
     * @param memory what the context draws on
     * @param constraints what the device can express
     * @param rules how a bounced context treats what it wrote
     * @param device what messages call it
     */
    public ContextAssembly(DmaMemory memory, DmaConstraints constraints, BounceRules rules, String device) {
        this.memory = memory;
        this.ram = memory.frames().memory();
        this.constraints = constraints;
        this.rules = rules;
        this.device = device;
    }

    /** A context that maps buffers where they lie; with cache maintenance where there is any. */
    public DmaContext direct(DmaPlan.Direct plan) {
        AddressLimits limits = new AddressLimits(constraints, plan.offset(), device);
        return memory.caches().isPresent()
                ? nonSnooped(plan, limits, new NotSnooped(memory.caches().get()))
                : new DirectContext(plan, ram, limits, ordinaryBuffers(limits, Snooped.DEVICE));
    }

    /**
     * A context that grants the pages of each buffer.
     *
     * @throws DmaMappingException when there is no grant table, or the device cannot express grants
     */
    public DmaContext granted(DmaPlan.Granted plan) {
        AddressLimits limits = new AddressLimits(constraints, 0, device);
        GrantedPages granted = grantedPages(plan);
        FrameCoherentPages pages = new FrameCoherentPages(memory.frames(), UnaryOperator.identity(), device);
        return new GrantedContext(
                plan, ram, limits, granted, new CoherentBuffers(ram, pages, granted, Snooped.DEVICE, limits));
    }

    /**
     * A context that gives the device machine addresses.
     *
     * @throws DmaMappingException when the machine's frame numbers are missing, or there is no memory for the detour
     */
    public DmaContext pageTranslated(DmaPlan.PageTranslated plan) {
        AddressLimits limits = new AddressLimits(constraints, 0, device);
        MachineFrames numbers = machineFrames(plan);
        MachinePages addresses = new MachinePages(numbers, limits);
        FrameCoherentPages pages = new FrameCoherentPages(memory.frames(), UnaryOperator.identity(), device);
        CoherentBuffers coherent = new CoherentBuffers(ram, pages, addresses, Snooped.DEVICE, limits);
        BouncePool pool = detourPool(CROSSING_BYTES, FrameRequest.ANY);
        return closingOnFailure(
                pool,
                () -> new PageTranslatedContext(
                        plan,
                        numbers,
                        new MappableRam(ram, PaWindow.ALL, device),
                        limits,
                        coherent,
                        new BouncedContext(
                                plan,
                                ram,
                                limits,
                                new PoolAccess(pool, addresses, Snooped.DEVICE),
                                coherent,
                                UNNOTICED),
                        pool));
    }

    /**
     * A context that copies every buffer through the pool, of which the device has guest-physical addresses.
     *
     * @throws DmaMappingException when there is no pool, or the device cannot reach it
     */
    public DmaContext bounced(DmaPlan.Bounced plan, DmaPlan.Direct inner) {
        AddressLimits limits = new AddressLimits(constraints, inner.offset(), device);
        Coherency coherency = memory.caches().<Coherency>map(NotSnooped::new).orElse(Snooped.DEVICE);
        BouncePool pool = pool(plan);
        AliasedPages addresses = new AliasedPages(pool::sharedAlias, limits, coherency);
        Optional<SharedMemory> shared = memory.shared().filter(each -> allInsideWindow(each, limits));
        CoherentBuffers coherent = shared.map(each -> {
                    // With an alias elsewhere, a limit on device addresses says nothing about frames.
                    boolean aliased = each.sharing().sharedAlias(0) != 0;
                    return new CoherentBuffers(
                            ram,
                            new SharedCoherentPages(
                                    each, aliased ? limits::insideWindow : limits::reachableForQueue, device),
                            new AliasedPages(each.sharing()::sharedAlias, limits, coherency),
                            coherency,
                            limits);
                })
                .orElseGet(() ->
                        new CoherentBuffers(ram, new PooledCoherentPages(pool, device), addresses, coherency, limits));
        return new BouncedContext(plan, ram, limits, new PoolAccess(pool, addresses, coherency), coherent, rules);
    }

    /**
     * A context that copies every buffer through the pool, whose pages are granted while the device has them.
     *
     * @throws DmaMappingException when there is no pool or no grant table, or the device cannot express grants
     */
    public DmaContext bouncedOverGrants(DmaPlan.Bounced plan) {
        return bounced(plan, new AddressLimits(constraints, 0, device), grantedPages(plan));
    }

    /**
     * A context that copies every buffer through the pool, of which the device has machine addresses.
     *
     * @throws DmaMappingException when there is no pool, the machine's frame numbers are missing, or the device cannot reach the pool
     */
    public DmaContext bouncedOverMachinePages(DmaPlan.Bounced plan) {
        AddressLimits limits = new AddressLimits(constraints, 0, device);
        return bounced(plan, limits, new MachinePages(machineFrames(plan), limits));
    }

    private DmaContext bounced(DmaPlan.Bounced plan, AddressLimits limits, PageAddresses addresses) {
        BouncePool pool = pool(plan);
        CoherentPages pages = memory.shared()
                .<CoherentPages>map(shared -> new SharedCoherentPages(shared, UnaryOperator.identity(), device))
                .orElseGet(() -> new PooledCoherentPages(pool, device));
        return new BouncedContext(
                plan,
                ram,
                limits,
                new PoolAccess(pool, addresses, Snooped.DEVICE),
                new CoherentBuffers(ram, pages, addresses, Snooped.DEVICE, limits),
                rules);
    }

    private DmaContext nonSnooped(DmaPlan.Direct plan, AddressLimits limits, NotSnooped coherency) {
        AliasedPages addresses = new AliasedPages(pa -> pa, limits, coherency);
        CoherentBuffers coherent = ordinaryBuffers(limits, coherency);
        BouncePool pool = detourPool(UNALIGNED_BYTES, limits.reachable(FrameRequest.ANY));
        return closingOnFailure(
                pool,
                () -> new NonSnoopedContext(
                        plan,
                        coherency.caches(),
                        new MappableRam(ram, limits.window(), device),
                        limits,
                        coherent,
                        new BouncedContext(
                                plan, ram, limits, new PoolAccess(pool, addresses, coherency), coherent, UNNOTICED),
                        pool));
    }

    private CoherentBuffers ordinaryBuffers(AddressLimits limits, Coherency coherency) {
        FrameCoherentPages pages = new FrameCoherentPages(memory.frames(), limits::reachableForQueue, device);
        return new CoherentBuffers(ram, pages, new AliasedPages(pa -> pa, limits, coherency), coherency, limits);
    }

    /** Shared memory is asked for one range after the other, so none of them may lie wholly where the bus carries nothing. */
    private static boolean allInsideWindow(SharedMemory shared, AddressLimits limits) {
        return shared.sharing().shareable().stream()
                .allMatch(range -> Long.compareUnsigned(
                                        range.endPa() - 1, limits.window().firstPa())
                                >= 0
                        && Long.compareUnsigned(range.basePa(), limits.window().lastPa()) <= 0);
    }

    private BouncePool detourPool(long bytes, FrameRequest request) {
        long most = Math.min(MOST_DETOUR_BYTES, ram.size() / DETOUR_PART_OF_RAM & -MachineFrames.PAGE_BYTES);
        return BouncePool.overFrames(
                memory.frames(),
                PoolOptions.fixed(device + "'s detour", bytes)
                        .growingTo(Math.max(bytes, most))
                        .withRequest(request));
    }

    /** Makes a context that closes its pool; if it cannot be made, the pool is closed now. */
    private static DmaContext closingOnFailure(BouncePool pool, Supplier<DmaContext> context) {
        try {
            return context.get();
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private BouncePool pool(DmaPlan plan) {
        return memory.pool()
                .orElseThrow(() -> new DmaMappingException(
                        "DMA: %s: %s needs a bounce pool, and there is none: make one of shared memory first"
                                .formatted(device, plan.describe())));
    }

    private GrantedPages grantedPages(DmaPlan plan) {
        refuseCaches(plan);
        if (constraints.addressBits() < 64 || constraints.queueAddressBits() < 64) {
            throw new DmaMappingException(
                    "DMA: %s: the plan \"%s\" needs 64 address bits, for bit 63 says that an address is a grant, and the device has %d, %d of them for queues: offer VERSION_1, or take the Xen grants away"
                            .formatted(
                                    device,
                                    plan.describe(),
                                    constraints.addressBits(),
                                    Math.min(constraints.addressBits(), constraints.queueAddressBits())));
        }
        return memory.grants()
                .map(table -> new GrantedPages(table, device))
                .orElseThrow(() -> new DmaMappingException(
                        "DMA: %s: the plan \"%s\" needs a grant table, and there is none: run the guest under Xen, or do not offer ACCESS_PLATFORM"
                                .formatted(device, plan.describe())));
    }

    private MachineFrames machineFrames(DmaPlan plan) {
        refuseCaches(plan);
        return memory.machineFrames()
                .orElseThrow(() -> new DmaMappingException(
                        "DMA: %s: the plan \"%s\" needs the machine's frame numbers, and there are none: run the guest under Xen, or do not offer ACCESS_PLATFORM"
                                .formatted(device, plan.describe())));
    }

    /** A back-end in another domain uses the same caches, and a paravirtualised guest runs on x86, which snoops every device. */
    private void refuseCaches(DmaPlan plan) {
        if (memory.caches().isPresent()) {
            throw new DmaMappingException(
                    "DMA: %s: the plan \"%s\" is for devices that are snooped, and this one is not: correct what says so"
                            .formatted(device, plan.describe()));
        }
    }
}
