// Names of a vocabulary: select2 with suggestions from the server, in the order in which they are chosen.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const $ = window.django && window.django.jQuery;
  if (!$ || !$.fn.select2) {
    return;
  }
  $("select.eg-names").each(function () {
    const select = $(this);
    const single = select.data("most") === 1;
    select.select2({
      theme: "admin-autocomplete",
      width: "100%",
      tags: true,
      multiple: true,
      placeholder: select.data("placeholder"),
      ajax: {
        url: select.data("suggest"),
        delay: 200,
        data: (asked) => ({ q: asked.term || "", page: asked.page || 1 }),
        cache: true,
      },
      // A name that the vocabulary does not have yet is marked, so that a slip of the pen is seen.
      createTag: (asked) => {
        const name = asked.term.trim();
        return name ? { id: name, text: name, isNew: true } : null;
      },
      // Enter takes the first of the list: a name that is there already before a new one.
      insertTag: (choices, tag) => choices.push(tag),
      templateResult: (choice) => {
        if (!choice.isNew) {
          return choice.text;
        }
        const shown = $("<span>").text(choice.text);
        return shown.append($("<span class='eg-new'>").text(select.data("new")));
      },
    });
    // select2 gives its search field no name of its own.
    select.next(".select2").find(".select2-search__field").attr("aria-label", $(`label[for="${select[0].id}"]`).text().trim());
    select.on("select2:select", (event) => {
      const chosen = event.params.data.element || select.find("option").filter((_, each) => each.value === event.params.data.id)[0];
      if (single) {
        select.find("option").each((_, each) => {
          each.selected = each === chosen;
        });
      }
      // The file keeps the order of choosing; select2 would keep that in which it first met the names.
      $(chosen).detach().appendTo(select);
      select.trigger("change");
    });
    select.on("change", () => select[0].dispatchEvent(new Event("input", { bubbles: true })));
  });
});
