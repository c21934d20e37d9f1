package dev.postern.lab;

import static net.bytebuddy.matcher.ElementMatchers.named;

import java.lang.instrument.Instrumentation;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;

/**
 * Removes one check from the running product by rewriting its bytecode, to see whether the tests notice. Closing puts the check
 * back. No switch in the product does this.
 *
 * <p>It acts on the whole process: tests that use it do not run beside others.
 */
public final class Sabotage implements AutoCloseable {

    private final Instrumentation instrumentation;
    private final ResettableClassFileTransformer transformer;

    private Sabotage(Instrumentation instrumentation, ResettableClassFileTransformer transformer) {
        this.instrumentation = instrumentation;
        this.transformer = transformer;
    }

    /**
     * Makes a method do nothing; one that returns a value returns {@code null}, 0 or false.
     *
     * @param className the class's full name; it need not be visible to the caller
     * @param method the name of the check
     * @throws IllegalArgumentException when there is no such method: a renamed check must not turn sabotage into a no-op
     */
    public static Sabotage skip(String className, String method) {
        return rewrite(className, method, SkipBody.class);
    }

    /** Makes a method that answers yes or no always answer yes. */
    public static Sabotage answerYes(String className, String method) {
        return rewrite(className, method, AnswerYes.class);
    }

    /** Makes a method that corrects its first argument, a long, answer with that argument as it came. */
    public static Sabotage believe(String className, String method) {
        return rewrite(className, method, AnswerFirstArgument.class);
    }

    /** Makes a method that checks a 32-bit value as its first argument see only the low 16 bits of it. */
    public static Sabotage narrow(String className, String method) {
        return rewrite(className, method, NarrowArgument.class);
    }

    private static Sabotage rewrite(String className, String method, Class<?> advice) {
        requireMethod(className, method);
        Instrumentation instrumentation = ByteBuddyAgent.install();
        // Retransformation without changes of shape, so that it works beside a coverage agent.
        ResettableClassFileTransformer transformer = new AgentBuilder.Default()
                .disableClassFormatChanges()
                .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                .type(named(className))
                .transform((builder, type, loader, module, domain) ->
                        builder.visit(Advice.to(advice).on(named(method))))
                .installOn(instrumentation);
        return new Sabotage(instrumentation, transformer);
    }

    private static void requireMethod(String className, String method) {
        try {
            for (var declared : Class.forName(className).getDeclaredMethods()) {
                if (declared.getName().equals(method)) {
                    return;
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no class " + className + " to sabotage", e);
        }
        throw new IllegalArgumentException("no method " + method + " in " + className + " to sabotage");
    }

    /** Puts the check back. */
    @Override
    public void close() {
        if (!transformer.reset(instrumentation, AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)) {
            throw new IllegalStateException("the sabotage could not be undone");
        }
    }

    /** Advice: the body is skipped. */
    static final class SkipBody {
        private SkipBody() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }
    }

    /** Advice: the body is skipped and the answer is yes. */
    static final class AnswerYes {
        private AnswerYes() {}

        @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
        static boolean enter() {
            return true;
        }

        @Advice.OnMethodExit
        static void exit(@Advice.Return(readOnly = false) boolean answer) {
            answer = true;
        }
    }

    /** Advice: the answer is the first argument. */
    static final class AnswerFirstArgument {
        private AnswerFirstArgument() {}

        @Advice.OnMethodExit
        static void exit(@Advice.Argument(0) long argument, @Advice.Return(readOnly = false) long answer) {
            answer = argument;
        }
    }

    /** Advice: the first argument loses its upper half. */
    static final class NarrowArgument {
        private NarrowArgument() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(value = 0, readOnly = false) int value) {
            value &= 0xffff;
        }
    }
}
