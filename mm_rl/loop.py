"""The RL loop, the file to read first: one k1.5 iteration is seven named steps.

sampler, replay buffer -> draw      groups to sample: waiting ones first, then new prompts
engine                 -> roll_out  one segment per unfinished completion; unfinished groups wait
verifiers              -> score     reward of every completion, term by term
objective              -> select    advantages; groups without signal are counted and left out
trainer                -> update    reference log-probabilities, reset, inner steps
engine                 -> publish   the new weights are the next iteration's reference
run folder             -> record    metrics, evaluation, checkpoint
"""

from mm_rl.progress import StageProgress
from mm_rl.stages.rl import NAME, RLStage
from mm_rl.stages.sft import describe_scores


def train(stage: RLStage) -> None:
    """Run iterations from `stage.iteration` to `rl.iterations`."""
    run, total = stage.run, stage.config.iterations
    if stage.iteration == 0:
        run.evaluate(NAME, 0, final=False)
    with StageProgress(NAME, total=total, done=stage.iteration) as progress:
        while stage.iteration < total:
            groups = stage.draw()
            finished = stage.roll_out(groups)
            scored = stage.score(finished)
            selection = stage.select(scored)
            stage.update(selection)
            stage.publish()
            stage.record()

            iteration, metrics = stage.iteration, stage.metrics
            progress.advance(
                reward=metrics.get("reward/mean", float("nan")),
                correct=metrics.get("rollout/correct_frac", float("nan")),
                tokens=metrics.get("rollout/num_tokens", float("nan")),
                rollout_s=metrics["timing/rollout_s"],
                update_s=metrics.get("timing/update_s", 0.0),
            )
            last = iteration == total
            every = run.config.eval.every
            if last or (every and iteration % every == 0):
                scores = run.evaluate(NAME, iteration, final=last)
                progress.say(f"{NAME} iteration {iteration}: {describe_scores(scores)}")
            if last or iteration % run.config.checkpoint.every == 0:
                run.save_checkpoint(NAME, iteration, stage.state_dict(), finished=last)
