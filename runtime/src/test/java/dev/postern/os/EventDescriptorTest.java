package dev.postern.os;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventDescriptorTest {

    @Test
    void ringsAreTakenOnceAndTogether() throws IOException {
        try (EventDescriptor event = EventDescriptor.create()) {
            assertFalse(event.take());
            event.ring();
            event.ring();
            assertTrue(event.take());
            assertFalse(event.take());
        }
    }

    @Test
    void aWaitEndsWithARingOrAtItsDeadline() throws Exception {
        try (EventDescriptor event = EventDescriptor.create()) {
            long deadline = System.nanoTime() + 5_000_000;
            assertFalse(event.await(deadline));
            assertTrue(System.nanoTime() >= deadline);
            Thread ringer = Thread.ofPlatform().start(event::ring);
            assertTrue(event.await(System.nanoTime() + 20_000_000_000L));
            ringer.join();
            assertFalse(event.await(System.nanoTime() - 1));
        }
    }

    @Test
    void oneThatIsAdoptedNeverWaits() throws IOException {
        int waiting = LibC.eventfd(0, 0);
        try (EventDescriptor event = EventDescriptor.adopt(waiting)) {
            assertFalse(event.take());
        }
        assertThrows(IOException.class, () -> EventDescriptor.adopt(1 << 20));
    }
}
