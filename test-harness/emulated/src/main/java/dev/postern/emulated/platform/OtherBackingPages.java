package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * TDX and Arm CCA, as KVM and a virtual machine monitor run them.
 * <ul>
 *   <li>Private memory has a backing of its own (guest_memfd) that is not mapped in the process of the devices; what is
 *       mapped there at the same address is the ordinary memory for the shared alias (Linux
 *       Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION2 and KVM_SET_MEMORY_ATTRIBUTES). A device reads zeros
 *       there, since that memory was discarded when the page became private.
 *   <li>A device's write lands in that other page, and the device reads it back.
 *   <li>The guest never sees it: its page stays as it is, and a conversion brings a new page.
 * </ul>
 */
final class OtherBackingPages implements PrivatePages {

    private final SecureMemory memory;
    private final Map<Integer, MemorySegment> others = new HashMap<>();

    OtherBackingPages(SecureMemory memory) {
        this.memory = memory;
    }

    @Override
    public MemorySegment read(int page) {
        return others.computeIfAbsent(page, _ -> memory.scratchPage().fill((byte) 0));
    }

    @Override
    public MemorySegment write(int page) {
        return read(page);
    }

    @Override
    public String readMeans() {
        return "it got the other backing page, not the guest's";
    }

    @Override
    public String writeMeans() {
        return "the write went to the other backing page";
    }

    @Override
    public void converted(int page) {
        memory.recycle(others.remove(page));
    }
}
