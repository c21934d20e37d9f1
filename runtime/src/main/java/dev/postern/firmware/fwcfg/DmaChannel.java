package dev.postern.firmware.fwcfg;

import dev.postern.machine.Cpu;
import dev.postern.machine.PortSpace;
import dev.postern.memory.DevicePages;
import dev.postern.memory.FrameAllocator;
import dev.postern.memory.FrameRequest;
import dev.postern.memory.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The device fetches a descriptor (control, length, address, all big-endian) from RAM and moves the bytes itself. It
 * consumes plain physical addresses, whatever else the platform translates.
 */
final class DmaChannel implements Channel {

    private static final int ADDRESS_UPPER = 0x514;
    private static final int ADDRESS_LOWER = 0x518;
    private static final int ERROR = 1;
    private static final int READ = 1 << 1;
    private static final int SKIP = 1 << 2;
    private static final int SELECT = 1 << 3;
    private static final int WRITE = 1 << 4;
    private static final int KEY_SHIFT = 16;

    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN).varHandle();
    private static final long CONTROL = 0;
    private static final long LENGTH = 4;
    private static final long ADDRESS = 8;

    /** The first frame holds the descriptor, the others the bytes. */
    private static final long BUFFER = FrameAllocator.FRAME_BYTES;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final PortSpace ports;
    private final Cpu cpu;
    private final DevicePages pages;

    DmaChannel(PortSpace ports, Cpu cpu, DevicePages pages) {
        this.ports = ports;
        this.cpu = cpu;
        this.pages = pages;
    }

    @Override
    public byte[] read(int key, int length) {
        byte[] bytes = new byte[length];
        try (Transfer transfer = new Transfer(length)) {
            int select = key << KEY_SHIFT | SELECT;
            for (int done = 0; done < length; ) {
                int part = Math.min(length - done, BUFFER_BYTES);
                transfer.run(key, select | READ, part);
                transfer.copyOut(bytes, done, part);
                done += part;
                // The device goes on where it stopped; to select again would begin anew.
                select = 0;
            }
        }
        return bytes;
    }

    @Override
    public void write(int key, int offset, byte[] bytes) {
        try (Transfer transfer = new Transfer(bytes.length)) {
            transfer.run(key, key << KEY_SHIFT | SELECT | SKIP, offset);
            for (int done = 0; done < bytes.length; ) {
                int part = Math.min(bytes.length - done, BUFFER_BYTES);
                transfer.copyIn(bytes, done, part);
                transfer.run(key, WRITE, part);
                done += part;
            }
        }
    }

    /** A descriptor and a buffer, borrowed for one call. */
    private final class Transfer implements AutoCloseable {

        private final PhysRange run;
        private final MemorySegment memory;
        private boolean abandoned;

        Transfer(int length) {
            run = pages.allocate(BUFFER + Math.clamp(length, 1, BUFFER_BYTES), FrameRequest.ANY);
            memory = pages.memory().slice(run.basePa(), run.length());
        }

        void copyOut(byte[] bytes, int offset, int length) {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, BUFFER, bytes, offset, length);
        }

        void copyIn(byte[] bytes, int offset, int length) {
            MemorySegment.copy(bytes, offset, memory, ValueLayout.JAVA_BYTE, BUFFER, length);
        }

        void run(int key, int control, int length) {
            INT.set(memory, LENGTH, length);
            LONG.set(memory, ADDRESS, pages.deviceAddress(run.basePa()) + BUFFER);
            INT.setRelease(memory, CONTROL, control);
            // The write of the lower half starts the transfer. A port access is a full fence, so the descriptor is
            // complete before the device sees it.
            long descriptor = pages.deviceAddress(run.basePa());
            ports.out32(ADDRESS_UPPER, Integer.reverseBytes((int) (descriptor >>> 32)));
            ports.out32(ADDRESS_LOWER, Integer.reverseBytes((int) descriptor));
            long deadline = cpu.nanoTime() + PATIENCE_NANOS;
            // The device clears all bits but the error when it is done. Acquire: pairs with its store, so that the
            // bytes it moved before are visible.
            int left = (int) INT.getAcquire(memory, CONTROL);
            while ((left & ~ERROR) != 0) {
                if (deadline - cpu.nanoTime() <= 0) {
                    abandoned = true;
                    throw new FwCfgException(
                            "fw_cfg: item 0x%x: the device did not finish in %d s; its %d bytes of frames are lost"
                                    .formatted(key, PATIENCE_NANOS / 1_000_000_000, run.length()));
                }
                cpu.relax();
                left = (int) INT.getAcquire(memory, CONTROL);
            }
            if (left != 0) {
                throw new FwCfgException("fw_cfg: item 0x%x: the device refuses the transfer".formatted(key));
            }
        }

        /** Frames that the device may still write to are never given to anybody else. */
        @Override
        public void close() {
            if (!abandoned) {
                pages.free(run);
            }
        }
    }
}
