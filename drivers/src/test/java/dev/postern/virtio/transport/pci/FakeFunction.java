package dev.postern.virtio.transport.pci;

import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.postern.bus.pci.BarKind;
import dev.postern.bus.pci.MemoryBar;
import dev.postern.bus.pci.PciCapability;
import dev.postern.bus.pci.PciClaim;
import dev.postern.bus.pci.PciFunction;
import dev.postern.interrupt.InterruptRouter;
import dev.postern.machine.RegisterSpace;
import dev.postern.virtio.ProbeRefusedException;
import dev.postern.virtio.fake.SimulatedCpu;
import dev.postern.virtio.fake.TestRam;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A virtio function with one BAR, its configuration space written byte by byte from transport-pci.tex, and registers that
 * record every access and refuse those that are unaligned or outside the BAR.
 */
final class FakeFunction implements RegisterSpace {

    static final long BAR = 0xfe00_0000L;
    static final int BAR_BYTES = 0x4000;
    static final int NOTIFY = 0x1000;
    static final int ISR = 0x2000;
    static final int DEVICE = 0x3000;

    private static final int QUEUE_RESET = 58;

    final PciFunction function = mock(PciFunction.class);
    final PciClaim claim = mock(PciClaim.class);
    final TestRam ram = new TestRam(1 << 20);
    final InterruptRouter router = new InterruptRouter(new SimulatedCpu(0), Optional.empty(), ram.frames());
    final ByteBuffer config = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    final ByteBuffer registers = ByteBuffer.allocate(BAR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    final List<String> accesses = new ArrayList<>();
    /** Whether the device takes MSI-X vectors. */
    boolean takesVectors = true;
    /** Whether a queue that is enabled reads back as enabled. */
    boolean takesQueues = true;
    /** What queue_size reads after a size was written; 0 for what was written. */
    int insistsOnSize;
    /** How many reads of queue_reset show that the reset goes on. */
    int queueResetReads;

    private final List<PciCapability> capabilities = new ArrayList<>();
    private int nextCapability = 0x40;

    FakeFunction() {
        when(function.name()).thenReturn("00:03.0 1af4:1042");
        when(function.vendorId()).thenReturn(0x1af4);
        when(function.deviceId()).thenReturn(0x1042);
        when(function.claim(anyString())).thenReturn(claim);
        when(function.capabilities()).thenReturn(capabilities);
        when(function.read8(anyInt())).thenAnswer(i -> config.get(i.<Integer>getArgument(0)) & 0xff);
        when(function.read32(anyInt())).thenAnswer(i -> config.getInt(i.<Integer>getArgument(0)));
        when(function.bar(anyInt()))
                .thenAnswer(i -> i.<Integer>getArgument(0) == 4
                        ? Optional.of(new MemoryBar(4, BAR, BAR_BYTES, BarKind.MEMORY_64))
                        : Optional.empty());
        // num_queues, and the largest size of the selected queue.
        registers.putShort(18, (short) 2).putShort(24, (short) 256);
    }

    /** A function with all four structures. */
    static FakeFunction whole() {
        FakeFunction fake = new FakeFunction();
        fake.structure(1, 4, 0, 0x1000);
        fake.structure(2, 4, NOTIFY, 0x1000);
        fake.structure(3, 4, ISR, 1);
        fake.structure(4, 4, DEVICE, 0x100);
        return fake;
    }

    /**
     * Adds a capability; returns its offset. struct virtio_pci_cap { u8 cap_vndr, cap_next, cap_len, cfg_type, bar, id,
     * padding[2]; le32 offset, length; }, and for the notification one le32 notify_off_multiplier behind it.
     */
    int structure(int type, int bar, int offset, int length) {
        int at = nextCapability;
        int bytes = type == 2 ? 20 : 16;
        nextCapability += 20;
        config.put(at, (byte) 9)
                .put(at + 2, (byte) bytes)
                .put(at + 3, (byte) type)
                .put(at + 4, (byte) bar);
        config.putInt(at + 8, offset).putInt(at + 12, length);
        if (type == 2) {
            config.putInt(at + 16, 4);
        }
        capabilities.add(new PciCapability(9, at, bytes));
        return at;
    }

    PciTransport open() throws ProbeRefusedException {
        return PciTransport.open(function, "blk0", this, router, -1);
    }

    @Override
    public int read8(long pa) {
        return registers.get(at("r8", pa, 1)) & 0xff;
    }

    @Override
    public int read16(long pa) {
        int at = at("r16", pa, 2);
        if (at == QUEUE_RESET && queueResetReads-- <= 0) {
            // transport-pci:480: both fields read 0 when the reset is over.
            registers.putShort(QUEUE_RESET, (short) 0).putShort(28, (short) 0);
        }
        return registers.getShort(at) & 0xffff;
    }

    @Override
    public int read32(long pa) {
        return registers.getInt(at("r32", pa, 4));
    }

    @Override
    public long read64(long pa) {
        throw new AssertionError("transport-pci:111: 64-bit fields are accessed in halves");
    }

    @Override
    public void write8(long pa, int value) {
        registers.put(at("w8=%x".formatted(value), pa, 1), (byte) value);
    }

    @Override
    public void write16(long pa, int value) {
        int at = at("w16=%x".formatted(value), pa, 2);
        registers.putShort(at, (short)
                switch (at) {
                    case 16, 26 -> takesVectors ? value : 0xffff;
                    case 24 -> insistsOnSize == 0 ? value : insistsOnSize;
                    case 28 -> takesQueues ? value : 0;
                    default -> value;
                });
    }

    @Override
    public void write32(long pa, int value) {
        int at = at("w32=%x".formatted(value), pa, 4);
        registers.putInt(at, value);
        if (at == 0) {
            // device_feature shows the selected page; here each page shows its own number twice.
            registers.putInt(4, value * 0x10001);
        }
    }

    @Override
    public void write64(long pa, long value) {
        throw new AssertionError("transport-pci:111: 64-bit fields are accessed in halves");
    }

    private int at(String what, long pa, int width) {
        if (pa < BAR || pa + width > BAR + BAR_BYTES || pa % width != 0) {
            throw new AssertionError("%s at 0x%x: unaligned, or outside the BAR".formatted(what, pa));
        }
        int offset = (int) (pa - BAR);
        accesses.add("%s@%x".formatted(what, offset));
        return offset;
    }
}
