package dev.postern.dma;

/**
 * A context that is as unkind as the rules of {@link DmaContext} permit, so that a driver that breaks one fails at once.
 *
 * <ul>
 *   <li>Every mapping is bounced to frames of its own, at a random address that is never the buffer's. Only the low four
 *       bits and those of {@link DmaConstraints#minAlignMask()} are preserved.
 *   <li>TO_DEVICE data is copied at {@code map} and {@code syncForDevice} only; FROM_DEVICE data at {@code syncForCpu}
 *       and {@code unmap} only. BIDIRECTIONAL does both.
 *   <li>A FROM_DEVICE substitute holds poison until the device writes. Within {@code written}, what the device did not
 *       write is poison for the driver too; past it the buffer is as before the mapping (CVE-2022-48853).
 *   <li>Frames around a mapping or coherent buffer hold poison, and are poisoned after its end and kept for a while, so
 *       that whoever uses it late reads poison, and what a device writes there is noticed.
 *   <li>Poison bytes are never zero and have their top bit set.
 *   <li>{@link #largestMapping()} is small, as it is with a bounce pool.
 *   <li>Any misuse throws {@link DmaMisuseException}: an unknown token, a second unmap, a wrong length or direction, a
 *       sync out of range, {@code written} out of range, a buffer in frames that its owner does not hold (where it is
 *       noticed), use after close, a close with anything left. What a device
 *       wrote outside its mappings is reported by {@link #close()}.
 * </ul>
 *
 * <p>The seed is part of {@code toString()} and of every message.
 */
public interface HostileContext extends DmaContext {

    /** The seed that decides every choice. */
    long seed();

    /** Memory as the device of this context sees it, for devices that a test scripts. */
    DeviceView deviceView();
}
