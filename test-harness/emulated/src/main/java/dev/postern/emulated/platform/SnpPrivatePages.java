package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;

/**
 * SEV-SNP.
 * <ul>
 *   <li>A device reads ciphertext: the reverse map table does not stop reads, and the memory is encrypted with the guest's
 *       key (AMD64 APM volume 2, 15.34 and 15.36). Equal plain text at one address gives equal ciphertext.
 *   <li>A device's write is stopped by the check of the reverse map table: the page is assigned to the guest, the write
 *       does not happen (APM volume 2, 15.36.10).
 *   <li>The guest sees its page unchanged.
 * </ul>
 */
final class SnpPrivatePages implements PrivatePages {

    private final SecureMemory memory;
    private final long key;
    private final MemorySegment ciphertext;
    private final MemorySegment sink;

    SnpPrivatePages(SecureMemory memory, long seed) {
        this.memory = memory;
        this.key = Noise.mix(~seed);
        this.ciphertext = memory.scratchPage();
        this.sink = memory.scratchPage();
    }

    @Override
    public MemorySegment read(int page) {
        Noise.encrypt(memory.privateBacking(page), ciphertext, key, memory.pa(page));
        return ciphertext;
    }

    @Override
    public MemorySegment write(int page) {
        return sink;
    }

    @Override
    public String readMeans() {
        return "it got ciphertext";
    }

    @Override
    public String writeMeans() {
        return "the reverse map table stopped the write";
    }

    @Override
    public void converted(int page) {
        // Nothing of what devices tried has an effect.
    }
}
