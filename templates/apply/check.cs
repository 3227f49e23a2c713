<?cs include:"macros.cs" ?><?cs include:"_case.cs" ?><?cs set:Title = "核对申领信息" ?><?cs def:content() ?><?cs call:case_back() ?><h1>核对申领信息</h1>
<?cs if:Case.Allowed > #0 ?><p class="lead">请核对以下信息和照片，电子证书将按此生成。有误的，请不要确认，请联系管理部门处理。</p>
<?cs else ?><?cs call:case_changed() ?><?cs /if ?><?cs call:case_person() ?><?cs each:subject = Subjects ?><?cs if:subject.Allowed ?><section class="sheet"><h2>将要办理：<?cs var:subject.Act ?></h2>
<dl>
<?cs if:subject.ClassLabel ?><?cs call:fact("证书类别", subject.ClassLabel) ?><?cs else ?><?cs call:fact("证书类别", subject.Class) ?><?cs /if ?><?cs if:subject.Number ?><?cs call:fact("证书编号", subject.Number + "（不变）") ?><?cs else ?><?cs call:fact("证书编号", "确认后取得新的编号") ?><?cs /if ?><?cs if:subject.Post ?><?cs call:fact("职务", subject.Post) ?><?cs /if ?><?cs call:fact("企业名称", Firm.Name) ?><?cs call:fact("初次领证日期", subject.FirstIssued) ?><?cs if:subject.Until ?><?cs call:fact("原有效期至", subject.Until) ?><?cs /if ?><?cs call:term(subject.From, subject.NewUntil) ?></dl></section>
<?cs /if ?><?cs /each ?><?cs call:case_refused("没有满足的条件") ?><h2>查询结果</h2>
<?cs if:?Holdings.0.Number ?><table class="list data"><caption>已有证书</caption>
<thead><tr><th scope="col">证书编号<th scope="col">类别<th scope="col">所在企业<th scope="col">证书状态<th scope="col">有效期至<th scope="col">继续教育
<tbody>
<?cs each:row = Holdings ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="类别"><?cs var:row.Class ?><?cs if:row.Paper ?>（纸质）<?cs /if ?><td data-as="所在企业"><?cs if:row.Own ?>本企业<?cs else ?><?cs var:row.Enterprise ?><?cs /if ?><td data-as="证书状态"><?cs call:state(row) ?><td data-as="有效期至"><?cs var:row.Until ?><td data-as="继续教育"><?cs var:row.Hours ?> 学时
<?cs /each ?></table>
<?cs /if ?><?cs if:?Exams.0.Number ?><table class="list data"><caption>以本企业名义取得的合格成绩</caption>
<thead><tr><th scope="col">准考证号<th scope="col">类别<th scope="col">考核日期<th scope="col">成绩<th scope="col">使用情况
<tbody>
<?cs each:row = Exams ?><tr><th scope="row"><?cs var:row.Number ?><td data-as="类别"><?cs var:row.Class ?><td data-as="考核日期"><?cs var:row.Date ?><td data-as="成绩"><?cs var:row.Score ?> 分<td data-as="使用情况"><?cs if:row.Used ?>已用于申领证书<?cs else ?>未使用<?cs /if ?>
<?cs /each ?></table>
<?cs /if ?><dl class="facts"><?cs if:!?Holdings.0.Number ?><?cs call:fact("已有证书", "未查询到") ?><?cs /if ?><?cs if:!?Exams.0.Number ?><?cs call:fact("考核成绩", "未查询到以本企业名义取得的合格成绩") ?><?cs /if ?><div><dt>社会保险<dd><?cs call:case_insured() ?></div></dl>
<?cs call:case_passed() ?><?cs if:Case.Allowed > #0 ?><form method="post" action="/apply/<?cs var:Case.Number ?>" class="actions"><?cs call:form_hidden() ?><input type="hidden" name="seen" value="<?cs var:Case.Seen ?>"><button class="button">确认</button><a class="button plain" href="/apply/">返回</a></form>
<?cs /if ?><?cs call:case_abandon() ?><?cs /def ?><?cs include:"layout.cs" ?>
