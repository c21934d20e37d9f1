package dev.postern.attach;

import dev.postern.os.MemoryFile;
import java.io.IOException;
import java.util.List;

/**
 * What another process has of ours, in the words of the system: its mappings and open files compared with those of this JVM, at one
 * moment.
 *
 * <p>It shows what the process <em>has</em>, not what it could get: that is {@link QemuQ35#isolation()}. Files are compared by
 * device and inode. Descriptors without a file of their own (eventfd, epoll) cannot be told apart that way; none carries
 * memory. A disk image that this JVM holds open while the process does counts as shared, and so as a flaw.
 *
 * @param process what it is called, such as {@code QEMU}
 * @param windowBytes the size of the window
 * @param window the process's mappings of the window's file
 * @param otherMappings its mappings of any other file that this JVM maps so that others see its stores
 * @param windowDescriptors its descriptors of the window's file
 * @param otherDescriptors its descriptors of any other file or disk that this JVM has open
 * @param streams its ends of pipes and sockets that this JVM also has an end of; its output is one
 */
public record MemoryMapProof(
        String process,
        long windowBytes,
        List<ProcessMapping> window,
        List<ProcessMapping> otherMappings,
        List<ProcessDescriptor> windowDescriptors,
        List<ProcessDescriptor> otherDescriptors,
        List<ProcessDescriptor> streams) {

    /** Copies the lists. */
    public MemoryMapProof {
        window = List.copyOf(window);
        otherMappings = List.copyOf(otherMappings);
        windowDescriptors = List.copyOf(windowDescriptors);
        otherDescriptors = List.copyOf(otherDescriptors);
        streams = List.copyOf(streams);
    }

    /**
     * Looks at both processes.
     *
     * @throws IOException when the system does not let us, or the process has gone
     */
    static MemoryMapProof of(String process, long pid, MemoryFile file) throws IOException {
        List<ProcessMapping> ourMappings = ProcessMapping.ours();
        List<ProcessDescriptor> ourDescriptors = ProcessDescriptor.ours();
        long address = file.segment().address();
        ProcessMapping ourWindow = ourMappings.stream()
                .filter(mapping -> mapping.start() <= address && address < mapping.end())
                .findFirst()
                .orElseThrow(() -> new IOException("the window is not among the mappings of this JVM"));
        ProcessDescriptor ourFile = ourDescriptors.stream()
                .filter(descriptor -> descriptor.number() == file.descriptor())
                .findFirst()
                .orElseThrow(() -> new IOException("the window is not among the open files of this JVM"));
        List<ProcessMapping> theirMappings = ProcessMapping.of(pid);
        List<ProcessDescriptor> theirDescriptors = ProcessDescriptor.of(pid);
        List<ProcessDescriptor> common = theirDescriptors.stream()
                .filter(theirs -> ourDescriptors.stream().anyMatch(theirs::sameFile))
                .toList();
        return new MemoryMapProof(
                process,
                file.size(),
                theirMappings.stream().filter(ourWindow::sameFile).toList(),
                theirMappings.stream()
                        .filter(theirs -> !theirs.sameFile(ourWindow)
                                && ourMappings.stream().anyMatch(ours -> ours.shared() && ours.sameFile(theirs)))
                        .toList(),
                common.stream().filter(ourFile::sameFile).toList(),
                common.stream()
                        .filter(descriptor -> descriptor.mappable() && !descriptor.sameFile(ourFile))
                        .toList(),
                common.stream().filter(ProcessDescriptor::stream).toList());
    }

    /** Whether the process maps the window once, from its beginning to its end, and has nothing else that is ours and mappable. */
    public boolean holds() {
        return ProcessMapping.cover(window, windowBytes)
                && window.stream().allMatch(ProcessMapping::shared)
                && otherMappings.isEmpty()
                && otherDescriptors.isEmpty();
    }

    /** What was found, in one line for the log. */
    public String describe() {
        return "%s maps %s of %d bytes of the window, and of this JVM's other shared mappings %s; it has open the window %d times, and of this JVM's other files %s"
                .formatted(
                        process,
                        window.stream().map(ProcessMapping::size).toList(),
                        windowBytes,
                        otherMappings.isEmpty()
                                ? "none"
                                : otherMappings.stream()
                                        .map(ProcessMapping::described)
                                        .toList(),
                        windowDescriptors.size(),
                        otherDescriptors.isEmpty()
                                ? "none"
                                : otherDescriptors.stream()
                                        .map(ProcessDescriptor::name)
                                        .toList());
    }
}
