package dev.postern.cli;

import dev.postern.app.ApplicationException;
import dev.postern.boot.BootException;
import dev.postern.machine.MachineDiedException;
import java.util.regex.Pattern;

/**
 * What to tell the user about an exception.
 *
 * @param status the exit status
 * @param message one line
 */
public record Failure(int status, String message) {

    private static final Pattern LINE_ENDS = Pattern.compile("\\s*\\R\\s*");

    /** Makes the message one line, whatever it was. */
    public Failure {
        message = LINE_ENDS.matcher(message.strip()).replaceAll("; ");
    }

    /** Names the one who complains, unless the complaint begins with that name already. */
    public static Failure named(int status, String name, String message) {
        return new Failure(status, message.startsWith(name) ? message : name + ": " + message);
    }

    /** Who is to blame, and in which words. */
    public static Failure of(Throwable thrown) {
        return switch (thrown) {
            case WrongCallException wrong -> new Failure(ExitStatus.WRONG_CALL, wrong.getMessage());
            case dev.postern.emulated.MachineConfigurationException wrong ->
                new Failure(ExitStatus.WRONG_CALL, wrong.getMessage());
            case dev.postern.attach.MachineConfigurationException wrong ->
                new Failure(ExitStatus.WRONG_CALL, wrong.getMessage());
            case dev.postern.attach.QemuUnavailableException absent ->
                new Failure(ExitStatus.WRONG_CALL, absent.getMessage());
            case BootException failed -> new Failure(ExitStatus.FAILED, failed.getMessage());
            case MachineDiedException died -> new Failure(ExitStatus.FAILED, died.getMessage());
            case ApplicationException failed -> new Failure(ExitStatus.FAILED, failed.getMessage());
            case java.io.IOException failed
            when failed.getMessage() != null -> new Failure(ExitStatus.FAILED, failed.getMessage());
            case OutOfMemoryError full ->
                new Failure(
                        ExitStatus.FAILED,
                        "out of memory (%s): give less RAM or smaller disks in memory".formatted(full.getMessage()));
            default ->
                new Failure(
                        ExitStatus.FAILED,
                        "unexpected %s: %s; set POSTERN_TRACE=1 to see where, and report it"
                                .formatted(thrown.getClass().getSimpleName(), thrown.getMessage()));
        };
    }
}
