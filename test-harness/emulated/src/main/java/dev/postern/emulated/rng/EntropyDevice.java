package dev.postern.emulated.rng;

import dev.postern.emulated.RngFill;
import dev.postern.emulated.board.Journal;
import dev.postern.emulated.virtio.Chain;
import dev.postern.emulated.virtio.DeviceType;
import dev.postern.emulated.virtio.FeatureSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** The virtio entropy device (virtio 1.4, Entropy Device). Its bytes follow from a seed: they are for tests alone. */
public final class EntropyDevice implements DeviceType {

    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final RngFill fill;
    private final Journal journal;
    private final SplittableRandom random;

    /** An entropy source with a seed of its own. */
    public EntropyDevice(String name, RngFill fill, long seed, Journal journal) {
        this.name = name;
        this.fill = fill;
        this.journal = journal;
        this.random = new SplittableRandom(seed);
    }

    @Override
    public int deviceId() {
        return 4;
    }

    @Override
    public int classCode() {
        return 0x00ff00;
    }

    @Override
    public FeatureSet features() {
        return FeatureSet.NONE;
    }

    @Override
    public int queueCount() {
        return 1;
    }

    @Override
    public int configSize() {
        return 0;
    }

    @Override
    public int configFieldWidth(int offset) {
        return 0;
    }

    @Override
    public int configByte(int offset) {
        return 0;
    }

    @Override
    public void configRead(int offset, int width) {
        // There is no configuration.
    }

    @Override
    public void negotiated(FeatureSet accepted) {
        // No feature of the type exists.
    }

    @Override
    public long serve(long request, Chain chain) {
        if (chain.readableBytes() > 0) {
            journal.guestError(name, "entropy:34", "a readable buffer of %d bytes".formatted(chain.readableBytes()));
        }
        long room = chain.writableBytes();
        if (room == 0) {
            return 0;
        }
        long length = fill == RngFill.FULL ? room : 1 + random.nextLong(room);
        long done = 0;
        while (done < length) {
            MemorySegment piece = chain.writablePiece(done, length - done);
            if (piece == null) {
                return BROKEN;
            }
            fill(piece);
            done += piece.byteSize();
        }
        return length;
    }

    private void fill(MemorySegment piece) {
        long at = 0;
        for (; piece.byteSize() - at >= 8; at += 8) {
            piece.set(LE64, at, random.nextLong());
        }
        for (; at < piece.byteSize(); at++) {
            piece.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
    }

    @Override
    public void reset() {
        // The stream goes on: a reset must not bring the same bytes again.
    }
}
