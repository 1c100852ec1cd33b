"""How it works, what the words mean, where it is weak and whose work is inside."""

import streamlit as st

from pages.ui import cached, controls, frame, glossary, problems

frame.head(
    "About", "How this tool works, what its words mean, where it is weak, and whose work is inside."
)

st.header("Method", anchor="method")
st.markdown(
    """
1. **A cover is decoded and brought to one size.** Rotation marks are obeyed, transparency is laid
   on white. The card of each network holds the size and the kind of resizing; training,
   evaluation, this app and the command line all use the same few lines.
2. **A network turns pixels into one number per genre** (logits), and these into probabilities.
   Ours is EfficientNet-Lite2, which learnt to see from ImageNet's photographs; its last layer,
   which reads how much of each late map there is and how it is spread, learnt from real covers.
3. **The choice of the best epoch uses the validation covers; every figure uses the test covers.**
   Covers by one artist, and near-duplicates, are never divided between splits (*groups*).
4. **Each figure stands beside baselines**, what you get without a network: always the most common
   genre, and a plain model that sees only colours and an 8 x 8 thumbnail. The interval comes from
   drawing whole groups again and again (bootstrap, 95 %).
5. **A heat map answers "which places speak for this genre?"** Grad-CAM weighs the maps of one layer
   by the gradient of the *logit*; Grad-CAM++ and LayerCAM weigh them more finely; Score-CAM asks
   the network again with each map as a mask, less what it says of a black cover; SmoothGrad
   averages the pixels' gradients under noise, until two runs would agree. Integrated gradients sums
   the gradients on the way from a plain picture of the cover's mean colour; occlusion hides one
   patch after the other in that colour, of a song one slice of time after the other in silence.
   **Whether a map is to be believed is tested**: by showing and hiding the marked places first,
   against a random map, an edge map and the middle; with the network's weights shuffled; and on
   made covers whose cause is known. What came out stands beside the choice of a method.
6. **A song is decoded, turned into features and cut into segments**, by one rule that stands on
   each network's card. A network scores each segment; the song's score is their mean, which on
   real songs no other rule beats (see Further reading, *A real prog score*).
   A prog score is a *rank score*: it orders songs on that network's own scale and has no border
   between prog and not prog. So a song is shown by its place among songs people know; a verdict
   is given only at a threshold that you set, beside what known songs say of it.
"""
)

st.header("Limits", anchor="limits")
st.markdown(
    """
- **A probability is not the truth.** A network only knows the genres it was trained on: shown a
  cat, it still names one of them. The made covers of this app belong to no genre at all.
- **Per cent hold for items like those it was tested on**, genres as common as there; elsewhere they
  need not. What was not calibrated is called a score.
- **A cover does not sound.** A picture hints at a genre; it does not decide it.
- **Shortcuts.** Where all covers of a genre come from one source, a network can learn the source:
  its scanner, its resizing, its borders. The prog task has this fault; its card says so, and
  shows what file facts alone reach.
- **Taste, time and place.** The training covers come from a few catalogues: a data base of
  records, a streaming service, one fan's list. What is rare there is judged badly here.
- **A heat map is not a reason.** It shows where a change would move the score, not why, and a
  coarse map (under 7 x 7) hardly shows where.
- **Few prog recordings.** None with labels were at hand: one network learnt from pictures of
  labelled songs, the tagger from what listeners tagged, and the networks of study S5 (prog rock
  from audio) imitate that tagger and networks that others trained on labelled songs. That these
  agree is no independent evidence.
- **Artists unknown.** Some data sets do not name artists; then only near-duplicates are kept
  together, and figures may look too good.
"""
)

st.header("Glossary", anchor="glossary")
controls.table(glossary.words(), "Words of this tool and what they mean")

st.header("Sources", anchor="sources")
st.markdown(
    """
- EfficientNet-Lite: M. Tan, Q. Le, *EfficientNet*, arXiv 1905.11946, in its Lite form.
- Grad-CAM: Selvaraju et al., arXiv 1610.02391 · Grad-CAM++: Chattopadhay et al., arXiv 1710.11063
  · LayerCAM: Jiang et al., IEEE TIP 2021 · Score-CAM: Wang et al., arXiv 1910.01279 ·
  SmoothGrad: Smilkov et al., arXiv 1706.03825 · integrated gradients: Sundararajan et al., arXiv
  1703.01365 · occlusion: Zeiler, Fergus, arXiv 1311.2901.
- Tests of heat maps: insertion and deletion, Petsiuk et al., arXiv 1806.07421, by squares as Samek
  et al., arXiv 1509.06321 · shuffled weights: Adebayo et al., arXiv 1810.03292 · pointing: Zhang et
  al., arXiv 1608.00507.
- Why groups: A. Flexer, D. Schnitzer, *Effects of Album and Artist Filters*, CMJ 2010. Why more
  than accuracy: B. Sturm, *Classification Accuracy Is Not Enough*, JIIS 2013.
- musicnn: J. Pons, X. Serra, arXiv 1909.06654 · the CNN that study S5 started from: Y. Han et al.,
  IEEE/ACM TASLP 2017 (doi 10.1109/TASLP.2016.2632307) · GTZAN's faults: B. Sturm, arXiv 1306.1461.
- Studies S1 to S3 on covers, S4 and S5 on songs, whose networks and mistakes this tool rebuilds.
"""
)

st.header("Licences", anchor="licences")
st.markdown("Genre Explorer is free software under the MIT licence.")
notice = frame.ROOT / "NOTICE"
if notice.is_file():
    with st.expander("What others own", icon=":material/copyright:"):
        st.code(notice.read_text(encoding="utf-8"), language=None, wrap_lines=True)
with st.expander("Weights and data behind each network", icon=":material/fact_check:"):
    for bundle in cached.records():
        borrowed = "; ".join(
            f"{problems.plain(one.get('name', ''))} ({problems.plain(one.get('licence', ''))})"
            for one in bundle.card.sources
        )
        st.markdown(
            f"- **{problems.plain(bundle.card.title)}** ({problems.plain(bundle.name)}): "
            f"{borrowed or 'no weights of others'}. "
            f"Trained on {problems.plain(bundle.card.data.get('name', 'data'))} (licence of the "
            f"data: {problems.plain(bundle.card.data.get('licence', 'unknown'))})."
        )

frame.onwards(start="Back to the start", covers="Try your own cover", results="See the results")
