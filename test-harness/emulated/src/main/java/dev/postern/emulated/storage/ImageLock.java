package dev.postern.emulated.storage;

import dev.postern.emulated.DiskAccess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A lock on an image that QEMU understands (QEMU block/file-posix.c): a shared lock on byte 100 + p says that permission
 * p is in use, one on byte 200 + p that nobody else may use it. Whoever comes looks for the opposite byte of each of his
 * own. Permissions are 0 consistent read, 1 write, 3 resize. A reader uses 0 and lets nobody write or resize; a writer
 * uses 0 and 1 as well and lets nobody else write or resize.
 *
 * <p>The locks are those of {@link FileChannel}, which belong to the process. Hence two rules. Machines of one process
 * are kept apart by a table here. And a process loses its locks on a file when it closes <em>any</em> channel to it, so
 * channels stay open until the last user of the file in this process has closed; <b>code of the same process that opens
 * and closes the image by itself while a machine runs takes the lock away from it</b>, and then only the table protects.
 */
public final class ImageLock implements AutoCloseable {

    private static final int USED = 100;
    private static final int UNSHARED = 200;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int RESIZE = 3;

    private static final String WRITTEN = "another process has it open for writing";
    private static final String UNREADABLE = "another process has it open and lets nobody else use it so";

    private static final Map<Object, Users> IN_THIS_PROCESS = new HashMap<>();

    private final Object file;
    private final DiskAccess access;
    private final FileChannel channel;
    private boolean held = true;

    /** The users of one file in this process. */
    private static final class Users {
        private final List<DiskAccess> open = new ArrayList<>();
        private final List<FileChannel> channels = new ArrayList<>();
    }

    private ImageLock(Object file, DiskAccess access, FileChannel channel) {
        this.file = file;
        this.access = access;
        this.channel = channel;
    }

    /**
     * Opens a file and locks it.
     *
     * @throws ImageInUseException when somebody uses it in a way that excludes ours
     * @throws IOException when it cannot be opened or the file system knows no locks
     */
    public static ImageLock take(Path path, DiskAccess access) throws IOException, ImageInUseException {
        synchronized (IN_THIS_PROCESS) {
            Object file = key(path);
            Users users = IN_THIS_PROCESS.get(file);
            if (users != null && (access == DiskAccess.READ_WRITE || users.open.contains(DiskAccess.READ_WRITE))) {
                throw new ImageInUseException("another disk of this process uses it");
            }
            FileChannel channel = access == DiskAccess.READ_WRITE
                    ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : FileChannel.open(path, StandardOpenOption.READ);
            if (users == null) {
                users = new Users();
                try {
                    if (access == DiskAccess.READ_WRITE) {
                        lockForWriting(channel);
                    } else {
                        lockForReading(path, channel);
                    }
                } catch (IOException | ImageInUseException | RuntimeException e) {
                    channel.close();
                    throw e;
                }
                IN_THIS_PROCESS.put(file, users);
            }
            // A second reader needs no locks of its own: those of the first are the process's, and they last.
            users.open.add(access);
            users.channels.add(channel);
            return new ImageLock(file, access, channel);
        }
    }

    private static Object key(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return key != null ? key : path.toRealPath();
    }

    /** Locks first and looks then, as QEMU does: of two who come at once, at least one sees the other. */
    private static void lockForReading(Path path, FileChannel channel) throws IOException, ImageInUseException {
        for (int at : List.of(USED + READ, UNSHARED + WRITE, UNSHARED + RESIZE)) {
            claim(channel, at, Hold.SHARED);
        }
        // A channel that cannot write cannot probe with an exclusive lock, so the kernel's list has to answer.
        if (KernelLocks.othersHold(path, Set.of(USED + WRITE, USED + RESIZE))) {
            throw new ImageInUseException(WRITTEN);
        }
        if (KernelLocks.othersHold(path, Set.of(UNSHARED + READ))) {
            throw new ImageInUseException(UNREADABLE);
        }
    }

    /**
     * A writer excludes every other holder of bytes 101 and 201, those that write and those that suffer no writer, so it
     * takes them exclusively: test and claim are then one act.
     */
    private static void lockForWriting(FileChannel channel) throws IOException, ImageInUseException {
        claim(channel, USED + READ, Hold.SHARED);
        claim(channel, UNSHARED + RESIZE, Hold.SHARED);
        claim(channel, USED + WRITE, Hold.EXCLUSIVE);
        claim(channel, UNSHARED + WRITE, Hold.EXCLUSIVE);
        claim(channel, USED + RESIZE, Hold.EXCLUSIVE).release();
        claim(channel, UNSHARED + READ, Hold.EXCLUSIVE).release();
    }

    private enum Hold {
        SHARED,
        EXCLUSIVE
    }

    private static FileLock claim(FileChannel channel, int at, Hold hold) throws IOException, ImageInUseException {
        FileLock lock = channel.tryLock(at, 1, hold == Hold.SHARED);
        if (lock == null) {
            throw new ImageInUseException(at < UNSHARED ? WRITTEN : UNREADABLE);
        }
        return lock;
    }

    /** The open file. It is closed by {@link #close()} or later. */
    FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        synchronized (IN_THIS_PROCESS) {
            if (!held) {
                return;
            }
            held = false;
            Users users = IN_THIS_PROCESS.get(file);
            users.open.remove(access);
            if (users.open.isEmpty()) {
                IN_THIS_PROCESS.remove(file);
                for (FileChannel each : users.channels) {
                    each.close();
                }
            }
        }
    }
}
