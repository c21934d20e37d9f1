package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * SEV and SEV-ES, which have no reverse map table (AMD64 APM volume 2, 15.34: what they give is confidentiality).
 * <ul>
 *   <li>A device reads ciphertext. Equal plain text at one address gives equal ciphertext.
 *   <li>A device's write lands in the ciphertext, and the device reads it back.
 *   <li>The guest reads it deciphered: garbage in place of what it had, in blocks, and nothing tells it. The block is 16 bytes
 *       on hardware and 8 here.
 * </ul>
 */
final class SevPrivatePages implements PrivatePages {

    private final SecureMemory memory;
    private final long key;
    private final MemorySegment ciphertext;

    /** Pages that devices have written since the guest ran, enciphered. */
    private final Map<Integer, MemorySegment> written = new TreeMap<>();

    SevPrivatePages(SecureMemory memory, long seed) {
        this.memory = memory;
        this.key = Noise.mix(~seed);
        this.ciphertext = memory.scratchPage();
    }

    /** Shows the CPU what is stored for the bytes that it sees now. */
    void encrypt(int page) {
        MemorySegment bytes = memory.segment(page);
        Noise.encrypt(bytes, bytes, key, memory.pa(page));
    }

    /** Shows the CPU the bytes that it sees now as if they were stored and it deciphered them. */
    void decrypt(int page) {
        MemorySegment bytes = memory.segment(page);
        Noise.decrypt(bytes, bytes, key, memory.pa(page));
    }

    @Override
    public MemorySegment read(int page) {
        MemorySegment stored = written.get(page);
        return stored != null ? stored : stored(page, ciphertext);
    }

    @Override
    public MemorySegment write(int page) {
        return written.computeIfAbsent(page, _ -> stored(page, memory.scratchPage()));
    }

    private MemorySegment stored(int page, MemorySegment into) {
        Noise.encrypt(memory.segment(page), into, key, memory.pa(page));
        return into;
    }

    @Override
    public String readMeans() {
        return "it got ciphertext";
    }

    @Override
    public String writeMeans() {
        return "the guest will read garbage there";
    }

    @Override
    public void converted(int page) {
        // The memory behind the page stays the same; the page tables change how the guest sees it.
    }

    /** Deciphering what was not written gives the same bytes again, so whole pages will do. */
    @Override
    public void settle() {
        written.forEach((page, stored) -> {
            Noise.decrypt(stored, memory.segment(page), key, memory.pa(page));
            memory.recycle(stored);
        });
        written.clear();
    }
}
