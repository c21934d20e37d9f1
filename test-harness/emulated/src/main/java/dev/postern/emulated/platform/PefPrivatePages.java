package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/**
 * The Protected Execution Facility (Linux Documentation/arch/powerpc/ultravisor.rst).
 * <ul>
 *   <li>A device reads encrypted bytes: the hypervisor gets the page by UV_PAGE_OUT, which encrypts it.
 *   <li>A device's write spoils that encrypted copy. UV_PAGE_IN checks its integrity (AES-IAPM) and does not take it.
 *   <li>The guest goes on with its own content, as after a page-out with the flag UV_SNAPSHOT, which leaves the secure page
 *       mapped; the page is marked, and its next conversion is an error of the guest. Without that flag a real guest that
 *       touches the page would be stopped.
 * </ul>
 */
final class PefPrivatePages implements PrivatePages {

    private final SecureMemory memory;
    private final PlatformErrors errors;
    private final long key;
    private final MemorySegment encrypted;
    private final MemorySegment sink;
    private final Set<Integer> violated = new HashSet<>();

    PefPrivatePages(SecureMemory memory, long seed, PlatformErrors errors) {
        this.memory = memory;
        this.errors = errors;
        this.key = Noise.mix(~seed);
        this.encrypted = memory.scratchPage();
        this.sink = memory.scratchPage();
    }

    @Override
    public MemorySegment read(int page) {
        Noise.encrypt(memory.privateBacking(page), encrypted, key, memory.pa(page));
        return encrypted;
    }

    @Override
    public MemorySegment write(int page) {
        violated.add(page);
        return sink;
    }

    @Override
    public String readMeans() {
        return "it got the encrypted page that UV_PAGE_OUT gives";
    }

    @Override
    public String writeMeans() {
        return "UV_PAGE_IN will not take the page back";
    }

    @Override
    public void converted(int page) {
        if (violated.remove(page)) {
            errors.note(
                    "integrity",
                    "page 0x%x is converted after a device wrote to it while it was secure".formatted(memory.pa(page)));
        }
    }
}
