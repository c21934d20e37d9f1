package dev.postern.attach;

import dev.postern.machine.MachineDiedException;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.charset.StandardCharsets;

/**
 * QEMU's test protocol: a line for each access, a line in answer, and lines about interrupts whenever one changes.
 *
 * <p>QEMU answers in order. A write is sent and its answer is read later, before the next answer that matters; a read
 * waits. So accesses keep their order, a write costs one system call, and what QEMU says about interrupts on account of
 * a write is known before anything later is.
 *
 * <p><b>Threads:</b> one at a time. {@link #close()} may come from any.
 */
final class QtestClient implements AutoCloseable {

    /** Small enough that neither side ever waits for the other to read: about 50 bytes each. */
    private static final int MOST_UNANSWERED = 64;

    /** Larger than any line that is asked for here. */
    private static final int INPUT_BYTES = 1 << 14;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final QemuSocket socket;
    private final QemuDeath death;
    private final ByteBuffer output = ByteBuffer.allocateDirect(256);

    /** Bytes from {@link #lineStart} to its position have come and belong to no line yet. */
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);

    private int lineStart;
    private int scanned;

    private int unanswered;
    private long answer;
    private long accesses;
    private long lineChanges;

    /** Bit N is the level of line N. */
    private long levels;

    private MachineDiedException dead;

    QtestClient(QemuSocket socket, QemuDeath death) {
        this.socket = socket;
        this.death = death;
    }

    /** Asks to be told about the inputs of the controller at a QOM path, which then reach it no more. */
    void interceptInputs(String path) {
        output.clear();
        output.put(("irq_intercept_in " + path + "\n").getBytes(StandardCharsets.US_ASCII));
        send();
        settle();
    }

    /**
     * One reading access.
     *
     * @return the value, zero-extended
     */
    long read(QtestAccess access, long address) {
        begin(access, address);
        output.put((byte) '\n');
        send();
        settle();
        return answer;
    }

    /** One writing access. It has happened before any later access does, and before {@link #settle()} returns. */
    void write(QtestAccess access, long address, long value) {
        begin(access, address);
        output.put((byte) ' ').put((byte) '0').put((byte) 'x');
        putHex(value);
        output.put((byte) '\n');
        send();
        if (unanswered >= MOST_UNANSWERED) {
            settle();
        }
    }

    /** Waits until every access has been answered. */
    void settle() {
        checkAlive();
        try {
            takeLines();
            while (unanswered > 0) {
                socket.read(input);
                takeLines();
            }
        } catch (IOException | ClosedSelectorException e) {
            throw died(e);
        }
    }

    /** Takes what has come, without waiting. */
    void poll() {
        checkAlive();
        try {
            while (socket.readNow(input) > 0) {
                takeLines();
            }
        } catch (IOException | ClosedSelectorException e) {
            throw died(e);
        }
    }

    /** The level of an interrupt line as last heard. */
    boolean level(int line) {
        return (levels >>> line & 1) != 0;
    }

    /** How many accesses there have been. */
    long accesses() {
        return accesses;
    }

    /** How many changes of interrupt lines have been heard of. */
    long lineChanges() {
        return lineChanges;
    }

    private void begin(QtestAccess access, long address) {
        output.clear();
        output.put(access.prefix());
        putHex(address);
        accesses++;
    }

    private void putHex(long value) {
        int shift = (63 - Long.numberOfLeadingZeros(value | 1)) & ~3;
        for (; shift >= 0; shift -= 4) {
            output.put(DIGITS[(int) (value >>> shift) & 0xf]);
        }
    }

    private void send() {
        checkAlive();
        // The device must see what the guest stored before it sees this access (RegisterSpace), and the guest must not
        // have loaded ahead of it what the device stores on its account.
        VarHandle.fullFence();
        try {
            socket.write(output.flip());
        } catch (IOException | ClosedSelectorException e) {
            throw died(e);
        }
        unanswered++;
    }

    private void takeLines() throws ProtocolException {
        int end = input.position();
        while (scanned < end) {
            if (input.get(scanned++) == '\n') {
                takeLine(lineStart, scanned - 1);
                lineStart = scanned;
            }
        }
        if (lineStart == end) {
            input.clear();
            lineStart = 0;
            scanned = 0;
        } else if (!input.hasRemaining()) {
            if (lineStart == 0) {
                throw new ProtocolException("QEMU sent a line of more than " + INPUT_BYTES + " bytes");
            }
            input.position(lineStart);
            input.compact();
            scanned -= lineStart;
            lineStart = 0;
        }
    }

    private void takeLine(int start, int end) throws ProtocolException {
        if (startsWith(start, end, "OK") && unanswered > 0) {
            unanswered--;
            if (end > start + 5) {
                answer = parseHex(start + 5, end);
            }
        } else if (startsWith(start, end, "IRQ raise ")) {
            setLevel(start, end, 1);
        } else if (startsWith(start, end, "IRQ lower ")) {
            setLevel(start, end, 0);
        } else {
            throw new ProtocolException("QEMU answered a register access with \"" + text(start, end) + "\"");
        }
    }

    private boolean startsWith(int start, int end, String word) {
        if (end - start < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (input.get(start + i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void setLevel(int start, int end, long level) {
        int line = 0;
        for (int i = start + "IRQ raise ".length(); i < end; i++) {
            line = line * 10 + input.get(i) - '0';
        }
        if (line >= 0 && line < Long.SIZE) {
            levels = levels & ~(1L << line) | level << line;
            lineChanges++;
        }
    }

    /** Reads the digits after "OK 0x". */
    private long parseHex(int start, int end) throws ProtocolException {
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = Character.digit(input.get(i), 16);
            if (digit < 0) {
                throw new ProtocolException("QEMU answered a register access with \"" + text(start - 5, end) + "\"");
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private String text(int start, int end) {
        byte[] bytes = new byte[Math.min(end - start, 200)];
        input.get(start, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private void checkAlive() {
        if (dead != null) {
            throw new MachineDiedException(dead.getMessage(), dead);
        }
    }

    private MachineDiedException died(Exception cause) {
        dead = death.because(cause);
        return dead;
    }

    @Override
    public void close() {
        socket.close();
    }
}
