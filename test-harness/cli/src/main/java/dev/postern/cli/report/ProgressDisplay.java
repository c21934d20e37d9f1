package dev.postern.cli.report;

import dev.postern.app.Progress;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on a terminal for the work that goes on, gone when it is done. One thread uses it; it is closed at the end. */
public final class ProgressDisplay implements Progress, AutoCloseable {

    private static final int WIDTH = 100;
    private static final long MEBIBYTE = 1 << 20;

    private final PrintStream terminal;
    private String task = "";
    private ProgressBar bar;

    /** A display on a terminal. */
    public ProgressDisplay(PrintStream terminal) {
        this.terminal = terminal;
    }

    @Override
    public void advance(String what, long done, long total) {
        if (bar == null || !what.equals(task)) {
            close();
            task = what;
            bar = open(what, total);
        }
        bar.stepTo(done);
        if (done >= total) {
            close();
        }
    }

    private ProgressBar open(String what, long total) {
        return new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(total)
                .setUnit(" MiB", MEBIBYTE)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis((int) Duration.ofMillis(100).toMillis())
                .setConsumer(new ConsoleProgressBarConsumer(terminal, WIDTH))
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
