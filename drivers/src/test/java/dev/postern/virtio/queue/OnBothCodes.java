package dev.postern.virtio.queue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs every test of a class on plain queues and again on specialised ones. */
@ParameterizedClass
@EnumSource(QueueOptions.Code.class)
abstract class OnBothCodes {

    private static final ThreadLocal<QueueOptions.Code> CHOSEN = ThreadLocal.withInitial(() -> QueueOptions.Code.PLAIN);

    @Parameter
    QueueOptions.Code code;

    @BeforeEach
    void choose() {
        CHOSEN.set(code);
    }

    /** A queue with the code whose turn it is. */
    static QueueOptions chosen(QueueOptions options) {
        return options.withCode(CHOSEN.get());
    }
}
