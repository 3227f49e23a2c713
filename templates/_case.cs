<?cs # What was found of a person, to be checked before it is confirmed. ?><?cs

def:case_back() ?><p class="back"><a href="/<?cs var:Module.Name ?>/">返回<?cs var:Module.Label ?></a></p>
<?cs /def ?><?cs

def:case_insured() ?><?cs if:!Firm.Local ?>外省市企业不核对<?cs elif:Insured ?>最近缴费月份：<?cs var:Insured ?><?cs else ?>未查询到本企业的缴费记录<?cs /if ?><?cs /def ?><?cs

def:case_person() ?><section class="sheet"><h2><?cs var:Person.Name ?></h2>
<?cs if:Person.Photo ?><img src="/<?cs var:Module.Name ?>/<?cs var:Case.Number ?>/photo" alt="<?cs var:Person.Name ?>的照片" width="105" height="140">
<?cs /if ?><dl>
<?cs call:fact("性别", Person.Sex) ?><?cs call:fact("出生日期", Person.Birth) ?><?cs call:fact(Person.IdType, Person.IdNumber) ?><?cs call:fact("申请企业", Firm.Name) ?><?cs call:fact("事项编号", Case.Number) ?><?cs if:!Person.Photo ?><div><dt>照片<dd><b class="s s02">未采集</b></div>
<?cs /if ?></dl></section>
<?cs /def ?><?cs

# Certificates that may be ticked: all, until a mistake says which. ?><?cs
def:case_choice(caption) ?><table id="f-certificate" class="list data" tabindex="-1"><caption><?cs var:caption ?><?cs call:wrong("certificate") ?></caption>
<thead><tr><th scope="col">选择<th scope="col">证书编号<th scope="col">类别<th scope="col">所在企业<th scope="col">证书状态<th scope="col">有效期至<th scope="col">进入该企业日期
<tbody>
<?cs each:subject = Subjects ?><?cs if:subject.Allowed ?><tr><td class="tick"><?cs if:subject.Locked ?><input type="hidden" name="certificate" value="<?cs var:subject.Id ?>"><input type="checkbox" checked disabled aria-label="<?cs var:subject.Number ?>，须一并转出"><?cs else ?><input type="checkbox" name="certificate" value="<?cs var:subject.Id ?>" aria-label="<?cs var:subject.Number ?>"<?cs if:!?Errors.0.text || Field.certificate[subject.Id] ?> checked<?cs /if ?>><?cs /if ?><th scope="row"><?cs var:subject.Number ?><td data-as="类别"><?cs var:subject.Class ?><td data-as="所在企业"><?cs var:subject.Enterprise ?><td data-as="证书状态"><?cs call:state(subject) ?><td data-as="有效期至"><?cs var:subject.Until ?><td data-as="进入日期"><?cs var:subject.HeldSince ?>
<?cs /if ?><?cs /each ?></table>
<?cs /def ?><?cs

def:case_passed() ?><?cs each:subject = Subjects ?><?cs if:subject.Allowed ?><?cs call:passed("已满足的条件：" + subject.Words, subject.Passed) ?><?cs /if ?><?cs /each ?><?cs /def ?><?cs

def:case_changed() ?><p class="note bad">查询之后情况发生了变化，目前不能办理。没有改变任何证书。</p>
<?cs /def ?><?cs

def:case_refused(heading) ?><?cs if:Case.Refused > #0 ?><h2><?cs var:heading ?></h2>
<?cs each:subject = Subjects ?><?cs if:!subject.Allowed ?><section class="sheet no"><h3><?cs var:subject.Words ?></h3>
<?cs if:subject.Enterprise && !subject.Own ?><p>所在企业：<?cs var:subject.Enterprise ?></p>
<?cs /if ?><?cs call:findings(subject.Findings) ?><?cs call:passed("已满足的条件", subject.Passed) ?></section>
<?cs /if ?><?cs /each ?><?cs /if ?><?cs /def ?><?cs

def:case_abandon() ?><form method="post" action="/<?cs var:Module.Name ?>/<?cs var:Case.Number ?>/abandon" class="quiet"><?cs call:form_hidden() ?>不再办理的，可以<button class="link">撤回本次申请</button></form>
<?cs /def ?>