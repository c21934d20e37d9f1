package dev.postern.virtio.transport.vhostuser;

import dev.postern.machine.Channel;
import dev.postern.machine.Cpu;
import java.time.Duration;

/**
 * The end of a session: whether the back-end has let go of the guest's memory, and what is done when it does not.
 *
 * <p>Our side of the stream is closed. A back-end that has closed its own has let go of memory before, and only that counts; one that does
 * not within {@link Patience#LETTING_GO} loses its power, where the machine can do that. Where it cannot, the back-end has never let go, as
 * far as anybody can know: the machine has closed the connection over which it could have said so.
 */
final class LettingGo {

    private static final Duration GLANCE = Duration.ofMillis(1);

    private final Session session;
    private final Channel channel;
    private final Cpu cpu;
    private final long since;
    private String trouble;

    /** Begins to end a session: nothing more is said in it. */
    LettingGo(Session session, Channel channel, Cpu cpu) {
        this.session = session;
        this.channel = channel;
        this.cpu = cpu;
        session.finish();
        since = cpu.nanoTime();
    }

    /** Whether the back-end has let go by now. Waits a moment for it, and longer when it is time to cut its power. */
    boolean isOver() {
        if (trouble != null) {
            return false;
        }
        if (session.endsBy(cpu.nanoTime() + GLANCE.toNanos())) {
            return true;
        }
        if (cpu.nanoTime() - since < Patience.LETTING_GO.toNanos()) {
            return false;
        }
        if (channel.powerCycle(Patience.POWER_CYCLE)) {
            return true;
        }
        trouble = "%s: the back-end does not let go of memory, and the machine cannot stop it; %s: end it yourself"
                .formatted(channel.name(), channel.condition());
        return false;
    }

    /** Why it will never be over, with what to do about it; null while it may be. */
    String trouble() {
        return trouble;
    }
}
