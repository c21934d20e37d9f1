package dev.postern.attach;

import dev.postern.os.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * As whom a storage daemon runs.
 *
 * <p>A process may open the memory of another of the same user ({@code ptrace(2)}, "Ptrace access mode checking"). When this JVM is
 * root and the platform is secure, the daemon is therefore a user that nobody else is from its first instruction on: it cannot become
 * one by itself, nor be given an image that is open already. Where the image is not open to that user, the daemon keeps one power of
 * root, CAP_DAC_OVERRIDE: the permissions of files do not bind it. Memory is no file in this respect: tracing a process, and opening
 * its memory or its descriptors under {@code /proc}, takes the same user or CAP_SYS_PTRACE.
 */
sealed interface DaemonUser {

    /** What is best on this system for a disk on a secure platform. */
    static DaemonUser here(StorageDisk disk) throws IOException {
        long ours = ProcessCredentials.ours().effectiveUser();
        if (ours != 0) {
            return ours();
        }
        Other plain = new Other(QemuUser.OTHER_ID, Other.NO_POWER);
        return plain.canOpen(disk) ? plain : new Other(QemuUser.OTHER_ID, Other.DAC_OVERRIDE);
    }

    /** The user of this JVM. */
    static DaemonUser ours() throws IOException {
        return new Same(ProcessCredentials.ours().effectiveUser());
    }

    /** What it may do beyond what its user may; a set of bits of capabilities(7). Of no account where it is our own user. */
    long powers();

    /** The words before the daemon's own. */
    List<String> prefix();

    /** Makes a folder one that the daemon can make a socket in, and nobody else but us can enter. */
    void own(Path folder) throws IOException;

    /**
     * Makes sure, once the daemon serves.
     *
     * @throws IOException when it is somebody else, or nothing can be found out
     */
    void confirm(long pid) throws IOException;

    /** What keeps the daemon from this JVM's memory, as a sentence. */
    String sentence();

    /**
     * A user of the daemon's own.
     *
     * @param id of user and group
     * @param powers a set of bits of capabilities(7)
     */
    record Other(long id, long powers) implements DaemonUser {

        static final long NO_POWER = 0;

        /** {@code CAP_DAC_OVERRIDE}, linux/capability.h. */
        static final long DAC_OVERRIDE = 1 << 1;

        private static final Duration LONG = Duration.ofSeconds(10);

        @Override
        public List<String> prefix() {
            String set = powers == NO_POWER ? "-all" : "-all,+dac_override";
            return List.of(
                    "setpriv",
                    "--reuid=" + id,
                    "--regid=" + id,
                    "--clear-groups",
                    "--no-new-privs",
                    "--inh-caps=" + set,
                    "--ambient-caps=" + set,
                    "--bounding-set=" + set,
                    "--");
        }

        /** Asks the system as that user: permissions of folders, and lists of access, count too. */
        boolean canOpen(StorageDisk disk) throws IOException {
            if (!(disk.content() instanceof StorageDisk.Image image)) {
                return true;
            }
            List<String> words = new ArrayList<>(prefix());
            String file = image.file().toAbsolutePath().toString();
            words.addAll(List.of("test", "-r", file));
            if (disk.access() == DiskAccess.READ_WRITE) {
                words.addAll(List.of("-a", "-w", file));
            }
            try (ChildProcess asked = ChildProcess.start(words)) {
                asked.awaitExit(LONG);
                int status = asked.exitStatus().orElse(-1);
                if (status != 0 && status != 1) {
                    throw new IOException("cannot run a program as user %d (%s): install the Debian package util-linux"
                            .formatted(id, asked.describe()));
                }
                return status == 0;
            }
        }

        @Override
        public void own(Path folder) throws IOException {
            Files.setAttribute(folder, "unix:gid", (int) id);
            Files.setAttribute(folder, "unix:uid", (int) id);
        }

        @Override
        public void confirm(long pid) throws IOException {
            ProcessCredentials found = ProcessCredentials.of(pid);
            if (!found.onlyEver(id, id, powers)) {
                throw new IOException(
                        "the storage daemon was to be user %d with powers 0x%x and is %s: start this program as a user other than root"
                                .formatted(id, powers, found));
            }
        }

        @Override
        public String sentence() {
            return powers == NO_POWER
                    ? ("The storage daemon runs as user %d without capabilities: the system lets it reach the window,"
                                    + " and neither trace this JVM nor open its memory.")
                            .formatted(id)
                    : ("The storage daemon runs as user %d with CAP_DAC_OVERRIDE alone, because its image is not open"
                          + " to that user (chmod o+rw would do): the system lets it reach the window and any file,"
                          + " and neither trace this JVM nor open its memory.")
                            .formatted(id);
        }
    }

    /**
     * The user of this JVM.
     *
     * @param id of the user
     */
    record Same(long id) implements DaemonUser {

        @Override
        public long powers() {
            return 0;
        }

        @Override
        public List<String> prefix() {
            return List.of();
        }

        /** It is the daemon's already. */
        @Override
        public void own(Path folder) {}

        /** There is nothing to be made sure of. */
        @Override
        public void confirm(long pid) {}

        @Override
        public String sentence() {
            return ("The storage daemon runs as this JVM's own user %d: it is given nothing but the window, but the"
                + " system would let it open this JVM's memory; start as root to have it run as another user.")
                    .formatted(id);
        }
    }
}
