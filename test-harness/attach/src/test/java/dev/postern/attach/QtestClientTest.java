package dev.postern.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import dev.postern.os.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol, with this test in the place of QEMU. */
@Timeout(60)
class QtestClientTest {

    private SocketChannel peer;
    private ChildProcess process;
    private QtestClient qtest;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel ours = SocketChannel.open(listening.getLocalAddress());
            peer = listening.accept();
            process = ChildProcess.start(List.of("sleep", "600"));
            qtest = new QtestClient(new QemuSocket(ours, Duration.ofMillis(300)), new QemuDeath("qemu-test", process));
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        qtest.close();
        peer.close();
        process.close();
    }

    private void say(String text) throws IOException {
        peer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private String heard(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && peer.read(bytes) >= 0) {}
        return new String(bytes.array(), StandardCharsets.US_ASCII);
    }

    @Test
    void aReadSendsItsLineAndTakesTheValueOfItsOwnAnswer() throws IOException {
        qtest.write(QtestAccess.WRITE32, 0xfee0_0000_0000_0001L, 0);
        qtest.write(QtestAccess.OUT8, 0, 0xabL);
        say("OK\nIRQ raise 23\nOK\nOK 0xfedcba9876543210\n");
        assertEquals(0xfedcba9876543210L, qtest.read(QtestAccess.READ64, 0x10));
        String expected = "writel 0xfee0000000000001 0x0\noutb 0x0 0xab\nreadq 0x10\n";
        assertEquals(expected, heard(expected.length()));
        assertTrue(qtest.level(23));
        assertEquals(3, qtest.accesses());
    }

    @Test
    void interruptLinesMayComeInPieces() throws IOException {
        say("IRQ raise 1\nIRQ rai");
        Peer.await(() -> {
            qtest.poll();
            return qtest.level(1);
        });
        say("se 12\nIRQ lower 1\n");
        Peer.await(() -> {
            qtest.poll();
            return qtest.level(12);
        });
        Peer.await(() -> {
            qtest.poll();
            return !qtest.level(1);
        });
        assertEquals(3, qtest.lineChanges());
        assertFalse(qtest.level(2));
    }

    @Test
    void moreLinesThanTheBufferHoldsAreAllTaken() throws IOException {
        int changes = 10_000;
        Thread.ofPlatform().daemon().start(() -> {
            try {
                say("IRQ raise 5\nIRQ lower 5\n".repeat(changes / 2) + "IRQ raise 7\n");
            } catch (IOException e) {
                // The client has gone, and the test has failed for it.
            }
        });
        Peer.await(() -> {
            qtest.poll();
            return qtest.level(7);
        });
        assertEquals(changes + 1, qtest.lineChanges());
        assertFalse(qtest.level(5));
    }

    @Test
    void aRefusedWriteIsNoticedByTheNextAccess() throws IOException {
        qtest.write(QtestAccess.WRITE8, 0, 0);
        say("FAIL Unknown command 'writeb'\nOK 0x0\n");
        MachineDiedException died = assertThrows(MachineDiedException.class, () -> qtest.read(QtestAccess.READ8, 0));
        assertTrue(died.getMessage().contains("FAIL Unknown command 'writeb'"), died.getMessage());
        assertFalse(process.isAlive(), "a machine in an unknown state is ended");
    }

    @Test
    void anAnswerThatNobodyAskedForIsAnError() throws IOException {
        say("OK\n");
        assertThrows(
                MachineDiedException.class,
                () -> Peer.await(() -> {
                    qtest.poll();
                    return false;
                }));
    }

    @Test
    void aValueThatIsNotANumberIsAnError() throws IOException {
        say("OK 0x12g4\n");
        // The answer may arrive before the question: TCP keeps it until it is read.
        MachineDiedException died = assertThrows(MachineDiedException.class, () -> qtest.read(QtestAccess.READ8, 0));
        assertTrue(died.getMessage().contains("OK 0x12g4"), died.getMessage());
    }

    @Test
    void aLineWithoutEndIsAnError() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                say("IRQ raise " + "0".repeat(1 << 20));
            } catch (IOException e) {
                // The client closed the connection, as it should.
            }
        });
        MachineDiedException died = assertThrows(
                MachineDiedException.class,
                () -> Peer.await(() -> {
                    qtest.poll();
                    return false;
                }));
        assertTrue(died.getMessage().contains("a line of more than"), died.getMessage());
    }

    @Test
    void aQemuThatDoesNotAnswerIsGivenUpAndEnded() {
        long start = System.nanoTime();
        MachineDiedException died = assertThrows(MachineDiedException.class, () -> qtest.read(QtestAccess.READ8, 0));
        assertTrue(died.getMessage().startsWith("qemu-test: QEMU did not answer for 300 ms"), died.getMessage());
        assertTrue(System.nanoTime() - start >= 300_000_000);
        assertFalse(process.isAlive());
        MachineDiedException again = assertThrows(MachineDiedException.class, qtest::poll);
        assertEquals(died.getMessage(), again.getMessage());
    }

    @Test
    void writesDoNotWaitForAnswersUntilThereAreTooMany() {
        for (int i = 0; i < 63; i++) {
            qtest.write(QtestAccess.WRITE8, 0, 0);
        }
        assertThrows(MachineDiedException.class, () -> qtest.write(QtestAccess.WRITE8, 0, 0));
    }

    @Test
    void anInterruptedThreadStillGetsItsAnswer() throws IOException {
        say("OK 0x7\n");
        Thread.currentThread().interrupt();
        assertEquals(7, qtest.read(QtestAccess.READ8, 0));
        assertTrue(Thread.interrupted());
    }
}
