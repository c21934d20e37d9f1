package dev.postern.lab;

import dev.postern.machine.RegisterSpace;

/** Registers that let a test act in the moment before an access reaches a device, and see what the device answers. */
final class TappedRegisters implements RegisterSpace {

    /** What a test does. Reads and writes of its own go past it. */
    interface Tap {
        /** A write is about to be made. */
        void writing(long pa, long value);

        /** A read is about to be made. */
        default void reading(long pa) {}

        /** A read was answered. */
        default void read(long pa, long value) {}
    }

    private static final Tap NONE = (pa, value) -> {};

    private final RegisterSpace inside;
    private Tap tap = NONE;

    /** Nobody listens yet. */
    TappedRegisters(RegisterSpace inside) {
        this.inside = inside;
    }

    /** Listens from now on, in place of whoever did before. */
    void tap(Tap listener) {
        tap = listener;
    }

    /** The registers themselves, which nobody listens to. */
    RegisterSpace inside() {
        return inside;
    }

    @Override
    public int read8(long pa) {
        tap.reading(pa);
        int value = inside.read8(pa);
        tap.read(pa, value);
        return value;
    }

    @Override
    public int read16(long pa) {
        tap.reading(pa);
        int value = inside.read16(pa);
        tap.read(pa, value);
        return value;
    }

    @Override
    public int read32(long pa) {
        tap.reading(pa);
        int value = inside.read32(pa);
        tap.read(pa, value);
        return value;
    }

    @Override
    public long read64(long pa) {
        tap.reading(pa);
        long value = inside.read64(pa);
        tap.read(pa, value);
        return value;
    }

    @Override
    public void write8(long pa, int value) {
        tap.writing(pa, value);
        inside.write8(pa, value);
    }

    @Override
    public void write16(long pa, int value) {
        tap.writing(pa, value);
        inside.write16(pa, value);
    }

    @Override
    public void write32(long pa, int value) {
        tap.writing(pa, value);
        inside.write32(pa, value);
    }

    @Override
    public void write64(long pa, long value) {
        tap.writing(pa, value);
        inside.write64(pa, value);
    }
}
