package dev.postern.attach;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** QEMU's control protocol (QMP): JSON objects, one a line. Safe from any thread. */
final class QmpClient implements AutoCloseable {

    private static final int EVENTS = 256;

    private final JsonMapper json = new JsonMapper();
    private final QemuSocket socket;
    private final QemuDeath death;
    private final Deque<JsonNode> events = new ArrayDeque<>();
    private ByteBuffer input = ByteBuffer.allocate(1 << 16);
    private int scanned;
    private long commands;

    QmpClient(QemuSocket socket, QemuDeath death) {
        this.socket = socket;
        this.death = death;
    }

    /** Takes the greeting and leaves the phase in which no other command is allowed. */
    synchronized void greet() {
        try {
            JsonNode greeting = nextLine();
            if (!greeting.has("QMP")) {
                throw new ProtocolException("QEMU's control socket greeted with " + greeting);
            }
        } catch (IOException | ClosedSelectorException e) {
            throw death.because(e);
        }
        command("qmp_capabilities", Map.of());
    }

    /**
     * Runs a command.
     *
     * @return what it returned; an empty object when it has nothing to say
     * @throws QmpException when QEMU refuses
     * @throws dev.postern.machine.MachineDiedException when QEMU has gone or does not answer
     */
    synchronized JsonNode command(String command, Map<String, ?> arguments) {
        long id = ++commands;
        ObjectNode request = json.createObjectNode().put("execute", command).put("id", id);
        request.set("arguments", json.valueToTree(arguments));
        try {
            byte[] line = (request + "\n").getBytes(StandardCharsets.UTF_8);
            socket.write(ByteBuffer.wrap(line));
            while (true) {
                JsonNode said = nextLine();
                if (said.path("id").asLong() != id) {
                    keepEvent(said);
                } else if (said.has("error")) {
                    throw new QmpException("QEMU refused %s: %s"
                            .formatted(command, said.path("error").path("desc").asText()));
                } else {
                    return said.path("return");
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw death.because(e);
        }
    }

    /** The events so far, oldest first; the last 256. */
    synchronized List<JsonNode> events() {
        try {
            while (socket.readNow(room()) > 0) {
                JsonNode said = takeLine();
                while (said != null) {
                    keepEvent(said);
                    said = takeLine();
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            throw death.because(e);
        }
        return List.copyOf(events);
    }

    private void keepEvent(JsonNode said) {
        if (said.has("event")) {
            if (events.size() == EVENTS) {
                events.removeFirst();
            }
            events.addLast(said);
        }
    }

    private JsonNode nextLine() throws IOException {
        JsonNode line = takeLine();
        while (line == null) {
            socket.read(room());
            line = takeLine();
        }
        return line;
    }

    /** The buffer with room in it: an answer may be of any length. */
    private ByteBuffer room() {
        if (!input.hasRemaining()) {
            input = ByteBuffer.allocate(2 * input.capacity()).put(input.flip());
        }
        return input;
    }

    /** The first whole line that has come, taken out of the buffer; null when there is none. */
    private JsonNode takeLine() throws IOException {
        while (scanned < input.position()) {
            if (input.get(scanned++) == '\n') {
                JsonNode line = json.readTree(input.array(), 0, scanned);
                input.limit(input.position()).position(scanned);
                input.compact();
                scanned = 0;
                return line;
            }
        }
        return null;
    }

    @Override
    public void close() {
        socket.close();
    }
}
