package dev.postern.emulated.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postern.machine.MachineDiedException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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

    /** A wait for the gate may end by an unpark that was meant for the rest that follows. */
    @Test
    void aWakeUpThatIsUsedUpAtTheGateEndsTheRestAllTheSame() throws InterruptedException {
        ThirstyGate thirsty = new ThirstyGate();
        DeviceThread thread = new DeviceThread(new DeviceWork(1, thirsty), gate, power);
        thread.start();
        thirsty.devices.await();
        Thread closer = Thread.ofPlatform().daemon().start(thread::close);
        thirsty.closer = closer;
        assertTrue(closer.join(Duration.ofSeconds(20)), "the devices' thread sleeps though it was told to stop");
    }

    /** Takes the permit of whoever waits for the devices' thread to end, at its last entry before it would sleep. */
    private static final class ThirstyGate implements Gate {

        private final CountDownLatch devices = new CountDownLatch(1);
        private volatile Thread closer;
        private int entries;

        @Override
        public void enter() {
            entries++;
            // The first entry is of the round, the second of the last look before the rest.
            if (entries == 2) {
                devices.countDown();
                while (closer == null || closer.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                LockSupport.parkNanos(1);
            }
        }

        @Override
        public void leave() {
            // Nobody waits.
        }

        @Override
        public boolean breathe() {
            return true;
        }
    }
}
