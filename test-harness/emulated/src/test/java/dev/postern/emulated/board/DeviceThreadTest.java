package dev.postern.emulated.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeviceThreadTest {

    private final Power power = new Power();
    private final ThreadGate gate = new ThreadGate();
    private final DeviceWork work = new DeviceWork(1, gate);

    @Test
    void workIsDoneWheneverItComes() throws InterruptedException {
        try (DeviceThread thread = new DeviceThread(work, gate, power)) {
            thread.start();
            for (int i = 0; i < 100; i++) {
                CountDownLatch done = new CountDownLatch(1);
                work.add(done::countDown);
                done.await();
            }
        }
    }

    @Test
    void aDeviceThatFailsEndsTheMachineAndSaysWhy() throws InterruptedException {
        CountDownLatch met = new CountDownLatch(1);
        DeviceThread thread = new DeviceThread(work, gate, power);
        thread.start();
        work.add(() -> {
            met.countDown();
            throw new IllegalStateException("ouch");
        });
        met.await();
        thread.close();
        MachineDiedException died = assertThrows(MachineDiedException.class, power::check);
        assertTrue(died.getMessage().contains("ouch"), died.getMessage());
        assertEquals(IllegalStateException.class, died.getCause().getClass());
    }

    @Test
    void whoeverWaitsAtTheGateComesInBetweenTwoPiecesOfWork() throws InterruptedException {
        AtomicInteger breaths = new AtomicInteger();
        CountDownLatch inside = new CountDownLatch(1);
        try (DeviceThread thread = new DeviceThread(work, gate, power)) {
            thread.start();
            work.add(() -> {
                inside.countDown();
                while (gate.breathe()) {
                    breaths.incrementAndGet();
                }
            });
            inside.await();
            for (int i = 0; i < 100; i++) {
                int before = breaths.get();
                gate.enter();
                int seen = breaths.get();
                assertEquals(seen, breaths.get(), "nobody works while another is inside");
                gate.leave();
                assertTrue(seen >= before);
            }
        }
    }
}
