package dev.postern.cli.run;

import dev.postern.app.ApplicationResult;
import java.util.Optional;

/**
 * What became of one application.
 *
 * @param name of the application
 * @param result what it found; empty when it failed
 * @param nanos how long it took, in real time
 * @param failure why it failed, in one line
 */
public record ApplicationRun(String name, Optional<ApplicationResult> result, long nanos, Optional<String> failure) {}
