<?cs # What pages share. A page includes this file first, defines content(), and ends with layout.cs. ?><?cs

def:form_csrf() ?><input type="hidden" name="_csrf" value="<?cs var:Session.Csrf ?>"><?cs /def ?><?cs

# Every form that changes something: a form that is sent twice is done once. ?><?cs
def:form_hidden() ?><?cs call:form_csrf() ?><input type="hidden" name="_key" value="<?cs var:Form.Key ?>"><?cs /def ?><?cs

def:error_summary() ?><?cs if:?Errors.0.text ?><div class="errors" role="alert" tabindex="-1" autofocus id="errors"><h2>有内容需要更正</h2><ul><?cs each:error = Errors ?><li><a href="#<?cs if:Anchor ?><?cs var:Anchor ?><?cs else ?>f<?cs /if ?>-<?cs var:error.field ?>"><?cs var:error.text ?></a><?cs /each ?></ul></div>
<?cs /if ?><?cs /def ?><?cs

# In a field's label: what the summary says of it. ?><?cs
def:wrong(field) ?><?cs each:error = Errors ?><?cs if:error.field == field ?><b class="wrong"><?cs var:error.text ?></b><?cs /if ?><?cs /each ?><?cs /def ?><?cs

# State of a certificate by its national code: the colour only supports the word. ?><?cs
def:state(of) ?><b class="s<?cs if:of.State != "01" ?> s<?cs var:of.State ?><?cs /if ?>"><?cs var:of.Label ?></b><?cs /def ?><?cs

# State of a matter: its own word is its class. ?><?cs
def:progress(of) ?><b class="s <?cs var:of.State ?>"><?cs var:of.Label ?></b><?cs /def ?><?cs

def:generation(code, label) ?><b class="s g<?cs var:code ?>"><?cs var:label ?></b><?cs /def ?><?cs

def:fact(term, value) ?><div><dt><?cs var:term ?><dd><?cs var:value ?></div>
<?cs /def ?><?cs

def:term(from, until) ?><div><dt>有效期<dd><span><?cs var:from ?> 至</span> <span><?cs var:until ?></span></div>
<?cs /def ?><?cs

def:pages(first, next) ?><?cs if:first || next ?><nav class="pages" aria-label="翻页"><?cs if:first ?><a href="<?cs var:first ?>">回到第一页</a><?cs /if ?><?cs if:next ?><a rel="next" href="<?cs var:next ?>">下一页</a><?cs /if ?></nav><?cs /if ?><?cs /def ?><?cs

# In the manual: a page as it is, from templates/static/help/ (make pictures). ?><?cs
def:picture(name, words) ?><figure><a href="/static/help/<?cs var:name ?>.png"><img src="/static/help/<?cs var:name ?>.png?<?cs var:Static.Version ?>" alt="放大：<?cs var:words ?>" loading="lazy"></a><figcaption><?cs var:words ?></figcaption></figure>
<?cs /def ?><?cs

def:findings(list) ?><?cs each:finding = list ?><div class="finding"><h3><?cs var:finding.Demand ?></h3>
<?cs if:finding.Fact ?><p>核对结果：<?cs var:finding.Fact ?></p>
<?cs /if ?><?cs if:finding.Advice ?><p class="todo"><b>请这样办理</b><?cs var:finding.Advice ?></p>
<?cs /if ?><p class="rule">依据规则 <?cs var:finding.Rule ?></p></div>
<?cs /each ?><?cs /def ?><?cs

def:passed(heading, list) ?><?cs if:subcount(list) > #0 ?><details><summary><?cs var:heading ?></summary><ul><?cs each:finding = list ?><li><?cs var:finding.Demand ?><?cs if:finding.Fact ?>（<?cs var:finding.Fact ?>）<?cs /if ?><?cs /each ?></ul></details>
<?cs /if ?><?cs /def ?><?cs

# All rules that were looked at, by what they were asked of: those that failed first. ?><?cs
def:verdicts(list) ?><?cs each:subject = list ?><h2><?cs if:subject.Words ?><?cs var:subject.Words ?>：<?cs /if ?><?cs if:subcount(subject.Findings) > #0 ?>没有满足的条件<?cs else ?>条件均已满足<?cs /if ?></h2>
<?cs call:findings(subject.Findings) ?><?cs call:passed("已满足的条件", subject.Passed) ?><?cs /each ?><?cs /def ?>