"""How good is it, really: confusions, baselines, intervals and learning curves."""

import pandas as pd
import streamlit as st

from pages.ui import cached, cards, cells, confounds, dialog, figures, frame, pickers, problems

frame.head(
    "How good is it, really?",
    "Every figure here was measured on test covers that the network never saw, and stands beside "
    "what one gets without any network.",
)

bundles = cached.bundles()
if not bundles:
    frame.no_models()
    st.stop()

# Ask
bundle = pickers.model("result", bundles)
card = bundle.card
with problems.shown(bundle.name):
    metrics, history, predictions = cached.results_of(bundle)
    if not metrics:
        cards.not_evaluated(bundle)
        st.stop()

    # Answer: one sentence, then the figures it rests on
    metric = metrics["headline"]
    st.subheader(problems.plain(card.title), anchor=False)
    st.markdown(cards.verdict(metrics))
    with st.grid(4, min_column_width=170):
        for name, value, note in cards.headline(metrics):
            st.metric(name, value, help=note, border=True)
    st.button(
        "The model's card",
        icon=":material/badge:",
        key="card_result",
        on_click=dialog.ask_for,
        args=(bundle.name,),
    )
    dialog.show_if_asked(bundles)

    # How: which genres are taken for which
    st.subheader("Which genres does it confuse?", anchor=False)
    cells.section(bundle, metrics, predictions)

    # How: genre by genre
    st.subheader("Genre by genre", anchor=False)
    st.markdown(
        "**Precision**: of the covers it calls so, how many are. **Recall**: of the covers that "
        "are, how many it finds. **F1**: their harmonic mean. **Support**: how many there are."
    )
    share = st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f")
    st.dataframe(
        pd.DataFrame(metrics["per_genre"])[
            ["genre", "precision", "recall", "f1", "support"]
        ].rename(columns={"f1": "F1"}),
        hide_index=True,
        column_config={"precision": share, "recall": share, "F1": share},
        alt="Precision, recall, F1 and support of each genre",
    )

    # How: against no network at all
    st.subheader("Against no network at all", anchor=False)
    chart, table = st.columns(2, gap="medium")
    with chart:
        figures.against_baselines(cards.compared(metrics, metric), cards.label(metric)).show(
            key=f"baselines_{bundle.name}"
        )
    with table:
        st.table(
            cards.baseline_table(metrics),
            hide_index=True,
            alt="Every metric of the network and of each baseline",
        )
        st.caption(
            "Brackets and whiskers: 95 % of a bootstrap over whole groups (an artist's covers, or "
            "near-duplicates, stay together)."
        )

    # How: what else could explain it
    st.subheader("What else could explain these figures?", anchor=False)
    st.markdown("\n".join(f"- {problems.plain(each)}" for each in card.confounds))
    if warning := confounds.shortcut(metrics):
        st.warning(warning, icon=":material/warning:")
    if metrics.get("extra"):
        st.table(confounds.table(metrics), hide_index=True, alt="The network beside confounds")
        st.caption(confounds.EXPLAINED)
        st.markdown(confounds.notes(metrics))
    if metrics.get("same_genre_sources"):
        st.markdown("**Does the network know the source, where the genre is the same?**")
        st.table(confounds.sources(metrics), hide_index=True, alt="Sources told apart by genre")
        st.caption("0.5: it cannot tell the sources apart. Near 1: it could answer by source.")

    # How: how it learned
    if len(history):
        st.subheader("How it learned", anchor=False)
        curve = st.segmented_control(
            "Curve",
            cards.curves(history),
            default=cards.curves(history)[0],
            required=True,
            key="curve",
            bind="query-params",
        )
        figures.learning_curves(history, curve, kept=card.provenance.get("chosen_epoch")).show(
            key=f"curves_{bundle.name}_{curve}"
        )
        st.caption(
            "When training keeps improving and validation does not, the network is learning its "
            "covers by heart. The weights kept are those of the best epoch on validation."
        )

st.subheader("The same from the command line", anchor=False)
st.code(
    f"python -m genre_core evaluate {bundle.name} --data {card.data.get('name', 'FOLDER')}\n"
    "python -m genre_core models --json",
    language="bash",
)
frame.onwards(covers="Try it on a cover", about="What do these words mean?")
