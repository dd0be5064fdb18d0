//! Word lists of the questions, in lower case, with blanks between the words.

/// Words that say nothing of a fault by themselves.
pub const EMPTY: &str = "
incorrectly actually exception warn handled resolve service component the and for with when that
this from into not are was were has have had can could should would will does did don doesn isn
wasn but all any some more less than then there their its his her our your you they them also
now only just use using used uses make makes made set get add adds added remove removes removed
update updates updated change changes changed fix fixes fixed fixing bug bugs issue issues
problem error errors correct correctly incorrect wrong proper properly improve allow ensure
handle handling support avoid prevent instead because since after before being been which where
what who how why case cases code function method class file files new old one two same other
another each every still always never need needs needed work works working worked due via per
etc may might must let see try missing broken break breaks crash crashes crashed regression
caused causes causing out too very hotfix check checks potential possible possibly small minor
better up
";

/// Words of subjects that speak of the code or of the tools around it, and not of what it does.
pub const CHORES: &str = "
typo typos lint linter linting eslint rubocop flake8 pylint mypy prettier phpstan psalm clippy
golint checkstyle sonar codacy black formatting whitespace indentation indent changelog bump
upgrade readme test tests spec specs testing unittest e2e ci travis circleci workflow workflows
flaky cypress jest playwright webpack coverage comment comments docs document documentation docblock
spelling grammar translation translations i18n l10n wording merge conflict conflicts rebase
review refactor refactoring rename renamed cleanup deprecation deprecations deprecated warning
warnings compile compilation sdk changeset release prerelease stylelint storybook swagger tsc
types typing typings typescript imports unused nit nits backport license copyright cs phpdoc
javadoc docstring style styles styling css padding margin alignment color colors colour build
vulnerability vulnerabilities dependency dependencies fixup revert reverts reverted wip followup
nullable analyzer fixtures seeds
";

/// Words with which somebody tells what they did to the code, and their other forms.
pub const CHANGES: &str = "
add adds added adding introduce introduces implement implements implemented support supports
enable enables create creates refine improve improves improved improving update updates updated
upgrade refactor refactored rename renamed use uses using remove removes removed removing move
moves moved migrate change changes changed make makes set sets bump new drop drops replace
replaced convert switch extract extend expose optimize simplify cleanup clean tweak adjust allow
allows increase increasing reduce polish mod apply delete include bring provide test tests
testing
";

/// Kinds of change before a colon, as <https://www.conventionalcommits.org> has them and others.
pub const KINDS: &str = "
fix fixes fixed bug bugfix hotfix feat feature chore refactor perf pref style build ci test
tests docs revert patch security wip improvement enhancement minor core misc update change ui ux
api
";

/// Names of trailers, beside all `…-by`.
pub const TRAILERS: &str = "
change-id closes close fixes fix fixed resolves resolve refs ref references see see-also issue
issues related bug cc pr ticket jira part-of link links cherry-picked-from backport-of task
commit-hash differential-revision test-plan summary original-commit source label cl
";

/// Ends of file names that say what kind of thing it is and not which.
pub const GENERIC: &str = "
controller service model view component helper util utils handler page module index provider
manager repository factory impl base dialog form list item type types api routes route resolver
middleware modal usecase command action actions endpoint entity dto request response config
reconciler input card table button widget client server job worker mixin store hook container
template spec
";

/// Names of folders that say how a tree is made, and not where in the product something is.
pub const STRUCTURE: &str = "
src app apps lib libs pkg packages internal cmd core main common shared server client web api source
sources java kotlin scala resources public static include modules components services models views
controllers helpers utils util forms templates python site project backend frontend org com net
";

/// What templates of pull requests bring along; several words each, one a line.
pub const TEMPLATE: &str = "
checklist
type of change
types of change
how has this been tested
screenshots
screenshot
before
after
testing
test plan
steps to reproduce
motivation
description
what does this pr do
why
notes
reviewers
todo
breaking change
release notes
changelog
related issues
additional context
code review
demo
i have read
objective
code changes
before you submit
what
how
summary
";

/// Whether a word is in a list, whatever its capitals.
pub fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|it| word.eq_ignore_ascii_case(it))
}
