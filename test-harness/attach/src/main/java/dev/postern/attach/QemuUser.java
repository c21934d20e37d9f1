package dev.postern.attach;

import java.io.IOException;
import java.util.List;

/**
 * As whom QEMU runs.
 *
 * <p>A process may open the memory of another of the same user ({@code ptrace(2)}, "Ptrace access mode checking"), so a
 * QEMU that runs as we do is kept from private RAM by its good manners alone. When this JVM is root, QEMU becomes a user
 * that nobody else is. It does so itself, at the end of its start and before it serves a socket: until then it is root,
 * for it must open images and the window, whose name under {@code /proc} it may not open as another user. What it has
 * opened by then stays open; a file that is named later, over the control protocol, must be open to that user. Anybody
 * but root cannot change the user of a process, and has QEMU run as himself.
 */
sealed interface QemuUser {

    /**
     * Between the dynamic users of systemd (to 65519) and nobody (65534), which other programs also are; within the ids
     * that a container has.
     */
    long OTHER_ID = 65533;

    /** What is best on this system. */
    static QemuUser here() throws IOException {
        long ours = ProcessCredentials.ours().effectiveUser();
        return ours == 0 ? new Other(OTHER_ID) : new Same(ours);
    }

    /** The words for QEMU's command line. */
    List<String> words();

    /**
     * Makes sure, once QEMU serves its sockets.
     *
     * @throws IOException when QEMU is somebody else, or nothing can be found out
     */
    void confirm(long pid) throws IOException;

    /** What keeps QEMU from this JVM's memory, as a sentence. */
    String sentence();

    /**
     * A user of QEMU's own.
     *
     * @param id of user and group
     */
    record Other(long id) implements QemuUser {

        @Override
        public List<String> words() {
            return List.of("-runas", id + ":" + id);
        }

        @Override
        public void confirm(long pid) throws IOException {
            ProcessCredentials found = ProcessCredentials.of(pid);
            if (!found.onlyEver(id, id)) {
                throw new IOException(
                        "QEMU was to become user %d and is %s: start this program as a user other than root"
                                .formatted(id, found));
            }
        }

        @Override
        public String sentence() {
            return ("QEMU runs as user %d without capabilities: the system lets it reach the window, and neither trace "
                            + "this JVM nor open its memory.")
                    .formatted(id);
        }
    }

    /**
     * The user of this JVM.
     *
     * @param id of the user
     */
    record Same(long id) implements QemuUser {

        @Override
        public List<String> words() {
            return List.of();
        }

        /** There is nothing to be made sure of. */
        @Override
        public void confirm(long pid) {}

        @Override
        public String sentence() {
            return ("QEMU runs as this JVM's own user %d: it is given nothing but the window, but the system would let"
                            + " it open this JVM's memory; start as root to have it run as another user.")
                    .formatted(id);
        }
    }
}
