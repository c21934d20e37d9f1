package dev.postern.xen;

import dev.postern.machine.Machine;
import dev.postern.machine.PrivilegedActs;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.PhysRange;
import dev.postern.memory.PhysicalMemory;
import dev.postern.platform.DetectedPlatform;
import dev.postern.platform.UnknownPlatformException;
import dev.postern.platform.XenGuest;
import dev.postern.platform.XenStartInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this guest has from Xen, set up once. On another hypervisor, or none, it is all empty.
 *
 * <p>The grant table appears where XENMEM_add_to_physmap puts it. Xen offers that to guests whose physical addresses it translates; the
 * pins of a {@link Machine} show a paravirtualised guest its memory mapped to itself and no page table to enter the table's frames in,
 * so there it is used as well. Safe for use by several threads.
 */
public final class XenServices {

    /** The domain of the back-ends, where nothing else is said. */
    private static final int FIRST_DOMAIN = 0;
    /** This number and those above mean no ordinary domain (xen/include/public/xen.h, DOMID_FIRST_RESERVED). */
    private static final int FIRST_RESERVED_DOMAIN = 0x7ff0;

    private static final XenServices NONE = new XenServices(Optional.empty(), Optional.empty(), Optional.empty());

    private final Optional<SharedGrantTable> table;
    private final Optional<PhysicalMemory> memory;
    private final Optional<MachineFrames> machineFrames;
    private final Map<Integer, GrantTable> byDomain = new ConcurrentHashMap<>();

    private XenServices(
            Optional<SharedGrantTable> table, Optional<PhysicalMemory> memory, Optional<MachineFrames> machineFrames) {
        this.table = table;
        this.memory = memory;
        this.machineFrames = machineFrames;
    }

    /**
     * What Xen left in RAM for {@link #of}: nobody may be handed these ranges before it has returned. Give them to the allocator as
     * reserved.
     *
     * @throws UnknownPlatformException when what Xen left cannot be read
     */
    public static List<PhysRange> leftInRam(Machine machine, DetectedPlatform platform)
            throws UnknownPlatformException {
        if (!platform.xen().value().paravirtualised()) {
            return List.of();
        }
        XenStartInfo info = startInfo(machine, new PhysicalMemory(machine.ram()));
        return List.of(info.range(), info.frameList());
    }

    /**
     * Sets up what there is. Takes a frame for the calls' arguments and one for each frame of the grant table, for good.
     *
     * @param platform what was detected on that machine
     * @param frames that machine's; what {@link #leftInRam} names must not be handed out yet
     * @throws UnknownPlatformException when what Xen left in RAM cannot be read
     * @throws XenException when Xen refuses a call, or its list of frames cannot be
     * @throws dev.postern.memory.OutOfFramesException when there is no frame for the table
     */
    public static XenServices of(Machine machine, DetectedPlatform platform, FrameAllocator frames)
            throws UnknownPlatformException {
        XenGuest guest = platform.xen().value();
        if (guest == XenGuest.NONE) {
            return NONE;
        }
        PrivilegedActs acts = machine.privilegedActs()
                .orElseThrow(() ->
                        new XenException("a guest of Xen (%s) that cannot make hypercalls: let the machine execute them"
                                .formatted(platform.xen().source())));
        Optional<MachineFrames> machineFrames = guest.paravirtualised()
                ? Optional.of(FrameList.read(startInfo(machine, frames.memory()), frames.memory()))
                : Optional.empty();
        SharedGrantTable table = SharedGrantTable.create(new XenHypercalls(acts, frames), frames);
        return new XenServices(Optional.of(table), Optional.of(frames.memory()), machineFrames);
    }

    /** Grants to the domain of the back-ends where nothing else is said, the first one; empty when there is no Xen. */
    public Optional<GrantTable> grantTable() {
        return table.map(present -> forDomain(FIRST_DOMAIN));
    }

    /**
     * Grants to another domain, for a device whose back-end lives there (device tree, {@code xen,grant-dma}).
     *
     * @param domid 0 to 32751
     * @return always the same object for the same domain
     * @throws XenException when there is no Xen, or the number is that of no ordinary domain
     */
    public GrantTable forDomain(int domid) {
        SharedGrantTable shared = table.orElseThrow(() -> new XenException(
                "a back-end in domain %d needs grants, and there is no Xen beneath: start the guest on Xen"
                        .formatted(domid)));
        if (domid < 0 || domid >= FIRST_RESERVED_DOMAIN) {
            throw new XenException("%d is no back-end's domain: 0 to %d are possible; correct the device tree"
                    .formatted(domid, FIRST_RESERVED_DOMAIN - 1));
        }
        FrameNumbers numbers = machineFrames.map(FrameNumbers::of).orElse(FrameNumbers.GUEST_FRAMES);
        return byDomain.computeIfAbsent(
                domid, number -> new DomainGrants(shared, memory.orElseThrow(), numbers, number));
    }

    /** Where the pages of a paravirtualised guest really lie; empty for every other guest. */
    public Optional<MachineFrames> machineFrames() {
        return machineFrames;
    }

    private static XenStartInfo startInfo(Machine machine, PhysicalMemory memory) throws UnknownPlatformException {
        return XenStartInfo.read(
                memory,
                machine.xenStartInfoPa()
                        .orElseThrow(() -> new UnknownPlatformException(
                                "a paravirtualised guest of Xen whose start_info is gone: detect the platform"
                                        + " of this machine")));
    }
}
