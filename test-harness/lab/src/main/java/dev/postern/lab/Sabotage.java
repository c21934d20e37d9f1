package dev.postern.lab;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.instrument.Instrumentation;
import java.util.Arrays;
import java.util.function.Function;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Removes one check from the running product by rewriting its bytecode, or makes one step wrong, to see whether the tests notice.
 * Closing puts back what was there. No switch in the product does this.
 *
 * <p>It acts on the whole process: tests that use it do not run beside others.
 */
public final class Sabotage implements AutoCloseable {

    /** Stands for the constructor in place of a method's name. */
    public static final String CONSTRUCTOR = "<init>";

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

    /** Makes a method answer with some bits the other way round; it returns a long. */
    public static Sabotage flip(String className, String method, long bits) {
        return rewrite(
                className,
                method,
                Advice.withCustomMapping().bind(Bits.class, bits).to(FlipAnswer.class));
    }

    /** Makes every new object of a class take a number for another: its constructor's second argument, an int, is off. */
    public static Sabotage misnumber(String className, int by) {
        return rewrite(
                className,
                CONSTRUCTOR,
                Advice.withCustomMapping().bind(Off.class, by).to(MisnumberArgument.class));
    }

    /** Makes a method leave out its calls of another one, which returns nothing; that one still serves all others. */
    public static Sabotage dropCall(String className, String method, String callee) {
        return rewrite(
                className,
                method,
                matched -> MemberSubstitution.relaxed()
                        .method(named(callee))
                        .stub()
                        .on(matched));
    }

    /**
     * Puts an advice around a method: whatever the above cannot do.
     *
     * @param method the name of the method, or {@value #CONSTRUCTOR}
     * @param advice a class with methods as {@link Advice} has them; what they name must be visible to the class
     */
    public static Sabotage weave(String className, String method, Class<?> advice) {
        return rewrite(className, method, advice);
    }

    private static Sabotage rewrite(String className, String method, Class<?> advice) {
        return rewrite(className, method, Advice.to(advice));
    }

    private static Sabotage rewrite(String className, String method, Advice advice) {
        return rewrite(className, method, advice::on);
    }

    private static Sabotage rewrite(
            String className, String method, Function<ElementMatcher<MethodDescription>, AsmVisitorWrapper> rewriting) {
        String owner = declaring(className, method);
        ElementMatcher<MethodDescription> matched = method.equals(CONSTRUCTOR) ? isConstructor() : named(method);
        Instrumentation instrumentation = ByteBuddyAgent.install();
        // Retransformation without changes of shape, so that it works beside a coverage agent.
        ResettableClassFileTransformer transformer = new AgentBuilder.Default()
                .disableClassFormatChanges()
                .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                .type(named(owner))
                .transform((builder, type, loader, module, domain) -> builder.visit(rewriting.apply(matched)))
                .installOn(instrumentation);
        return new Sabotage(instrumentation, transformer);
    }

    /** The class that has the body of a method: the one that was named, or the nearest above it. */
    private static String declaring(String className, String method) {
        try {
            Class<?> named = Class.forName(className);
            for (Class<?> type = named; type != null; type = type.getSuperclass()) {
                if (type == named && method.equals(CONSTRUCTOR) || declares(type, method)) {
                    return type.getName();
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no class " + className + " to sabotage", e);
        }
        throw new IllegalArgumentException("no method " + method + " in " + className + " to sabotage");
    }

    private static boolean declares(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(declared -> declared.getName().equals(method));
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

    /** Marks what is flipped in an answer. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Bits {}

    /** Marks by how much a number is off. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Off {}

    /** Advice: the answer has some bits the other way round. */
    static final class FlipAnswer {
        private FlipAnswer() {}

        @Advice.OnMethodExit
        static void exit(@Bits long bits, @Advice.Return(readOnly = false) long answer) {
            answer ^= bits;
        }
    }

    /** Advice: the second argument is off. */
    static final class MisnumberArgument {
        private MisnumberArgument() {}

        @Advice.OnMethodEnter
        static void enter(@Off int by, @Advice.Argument(value = 1, readOnly = false) int number) {
            number += by;
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
