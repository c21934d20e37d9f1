package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/**
 * Platforms whose ultravisor gives the hypervisor an encrypted page in place of a private one, and checks it when it comes
 * back: the Protected Execution Facility (Linux Documentation/arch/powerpc/ultravisor.rst, UV_PAGE_OUT and UV_PAGE_IN) and
 * IBM Z's protected virtualization (Linux Documentation/virt/kvm/s390/s390-pv.rst, and the commands to convert from and to
 * secure storage in arch/s390/include/asm/uv.h).
 * <ul>
 *   <li>A device reads encrypted bytes: the page is exported for it.
 *   <li>A device's write spoils the exported copy. Its integrity is checked on the way back, and it is not taken.
 *   <li>The guest goes on with its own content, as if only a copy had been exported (on POWER, with the flag UV_SNAPSHOT); the
 *       page is marked, and its next conversion is an error of the guest. A real guest that touches such a page may be
 *       stopped at once: an access cannot be intercepted here.
 * </ul>
 */
final class ExportedPages implements PrivatePages {

    /**
     * How a platform says it.
     *
     * @param readMeans what a device's read got
     * @param writeMeans what becomes of a page that a device wrote to
     */
    record Words(String readMeans, String writeMeans) {

        /** POWER's ultravisor. */
        static final Words POWER =
                new Words("it got the encrypted page that UV_PAGE_OUT gives", "UV_PAGE_IN will not take the page back");

        /** IBM Z's ultravisor. */
        static final Words Z = new Words(
                "it got the page as it was exported, encrypted",
                "the ultravisor will not make the page secure storage again");
    }

    private final SecureMemory memory;
    private final PlatformErrors errors;
    private final Words words;
    private final long key;
    private final MemorySegment encrypted;
    private final MemorySegment sink;
    private final Set<Integer> violated = new HashSet<>();

    ExportedPages(SecureMemory memory, long seed, PlatformErrors errors, Words words) {
        this.memory = memory;
        this.errors = errors;
        this.words = words;
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
        return words.readMeans();
    }

    @Override
    public String writeMeans() {
        return words.writeMeans();
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
