package dev.postern.cli.run;

import dev.postern.machine.Channel;
import dev.postern.machine.Machine;
import java.util.List;

/**
 * A channel as it was at the end of a run.
 *
 * @param name as the log has it
 * @param condition what the machine knows of the other side: whether it runs, and what it said last
 */
public record ChannelState(String name, String condition) {

    /** Those of a machine that is open. */
    static List<ChannelState> of(Machine machine) {
        return machine.channels().stream().map(ChannelState::of).toList();
    }

    private static ChannelState of(Channel channel) {
        return new ChannelState(channel.name(), channel.condition());
    }
}
