/**
 * The decision how a device reaches memory, and why.
 *
 * <p>{@link dev.postern.quirks.decision.DmaDecision#decide} is a pure function from facts to a decision that carries its
 * own explanation. Each rule is a class of its own; {@link dev.postern.quirks.decision.Rule#inOrder()} is the order in
 * which they are tried. A new rule is a new class in that list; a new fact is a new component of the facts.
 */
package dev.postern.quirks.decision;
