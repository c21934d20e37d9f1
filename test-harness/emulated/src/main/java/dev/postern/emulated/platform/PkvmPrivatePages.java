package dev.postern.emulated.platform;

import java.lang.foreign.MemorySegment;

/**
 * pKVM: the host's own second stage of translation lacks the pages of a protected guest (Linux arch/arm64/kvm/hyp, the host's
 * stage 2; Documentation/virt/kvm/arm/pkvm.rst).
 * <ul>
 *   <li>A device's read faults in the host and is refused.
 *   <li>So is its write.
 *   <li>The guest sees its page unchanged.
 * </ul>
 */
final class PkvmPrivatePages implements PrivatePages {

    @Override
    public boolean answers() {
        return false;
    }

    @Override
    public MemorySegment read(int page) {
        throw new IllegalStateException("page " + page + " does not answer");
    }

    @Override
    public MemorySegment write(int page) {
        throw new IllegalStateException("page " + page + " does not answer");
    }

    @Override
    public String readMeans() {
        return "the host's access faults";
    }

    @Override
    public String writeMeans() {
        return "the host's access faults";
    }

    @Override
    public void converted(int page) {
        // Nothing of what devices tried has an effect.
    }
}
