package dev.postern.cli.report;

import dev.postern.lab.evaluate.SweepProgress;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar on a terminal for a sweep, gone when it is done. One thread uses it; it is closed at the end. */
public final class CellProgressDisplay implements SweepProgress, AutoCloseable {

    private static final int UPDATE_MILLIS = 100;

    private final ProgressBar bar;

    /**
     * A display on a terminal.
     *
     * @param width columns of the terminal
     */
    public CellProgressDisplay(PrintStream terminal, int width) {
        bar = new ProgressBarBuilder()
                .setTaskName("evaluate")
                .setUnit(" cells", 1)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(terminal, width))
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public void advance(int done, int total) {
        bar.maxHint(total);
        bar.stepTo(done);
    }

    @Override
    public void close() {
        bar.close();
    }
}
